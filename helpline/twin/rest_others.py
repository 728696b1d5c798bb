"""Queues.json and Messages.json."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from helpline.twin import rest_forms as forms
from helpline.twin.messages import ON_THE_WAY, Message
from helpline.twin.placing import Refused
from helpline.twin.queueing import Queue
from helpline.twin.rest_json import message_json, queue_json
from helpline.twin.twiml import E164
from helpline.twin.world import World

_PAGING = ("Page", "PageSize", "PageToken")
SENDING = 1.0
"""Seconds until a message is sent."""


def queues_blueprint(world: World) -> Blueprint:
    """The routes under `/Queues`."""
    routes = Blueprint("queues", __name__)
    lock = world.kernel.changed

    @routes.get("/Queues.json")
    def listed() -> Response:
        forms.only(*_PAGING)
        with lock:
            return jsonify(forms.page("queues", list(world.queues.values()), queue_json))

    @routes.get("/Queues/<sid>.json")
    def fetch(sid: str) -> Response:
        with lock:
            return jsonify(queue_json(_queue(world, sid)))

    @routes.delete("/Queues/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        with lock:
            queue = _queue(world, sid)
            if queue.members:
                raise Refused(400, 22002, "Queue is not empty and can't be deleted.")
            del world.queues[queue.name]
        return "", 204

    return routes


def _queue(world: World, sid: str) -> Queue:
    for queue in world.queues.values():
        if queue.sid == sid:
            return queue
    raise Refused(404, 20404, f"The requested resource {request.path} was not found")


def messages_blueprint(world: World) -> Blueprint:
    """The routes under `/Messages`."""
    routes = Blueprint("messages", __name__)
    lock = world.kernel.changed

    @routes.post("/Messages.json")
    def create() -> tuple[Response, int]:
        forms.only("To", "From", "Body", "StatusCallback")
        with lock:
            return jsonify(message_json(world, _send(world))), 201

    @routes.get("/Messages.json")
    def listed() -> Response:
        forms.only("To", "From", *_PAGING)
        with lock:
            found = [m for m in world.messages.values() if request.args.get("To", m.to) == m.to]
            return jsonify(forms.page("messages", found, lambda message: message_json(world, message)))

    @routes.get("/Messages/<sid>.json")
    def fetch(sid: str) -> Response:
        with lock:
            return jsonify(message_json(world, _message(world, sid)))

    @routes.post("/Messages/<sid>.json")
    def update(sid: str) -> Response:
        forms.only("Body", "Status")
        with lock:
            message = _message(world, sid)
            if forms.text("Body"):
                raise Refused(400, 20001, "A message's Body can only be emptied")
            if "Body" in request.form:
                message.body = ""
            return jsonify(message_json(world, message))

    @routes.delete("/Messages/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        with lock:
            if _message(world, sid).status in ON_THE_WAY:
                raise Refused(409, 20009, "Message is on its way and can't be deleted.")
            del world.messages[sid]
        return "", 204

    return routes


def _send(world: World) -> Message:
    to, from_ = forms.needed("To", 21604), forms.needed("From", 21603)
    if not E164.match(to):
        raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
    if from_ not in world.owned:
        raise Refused(400, 21606, f"The From phone number {from_} is not a valid sender")
    message = Message(world.new_sid("SM"), from_, to, forms.needed("Body", 21602), world.now())
    world.messages[message.sid] = message
    world.kernel.after(SENDING, lambda: _sent(message), daemon=True)
    return message


def _message(world: World, sid: str) -> Message:
    message = world.messages.get(sid)
    if message is None:
        raise Refused(404, 20404, f"The requested resource {request.path} was not found")
    return message


def _sent(message: Message) -> None:
    message.status = "delivered"

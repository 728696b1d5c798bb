"""The REST API's resources as JSON, field by field as the carrier's client reads them."""

from __future__ import annotations

import re
from typing import Any

from helpline.twin.calls import Call
from helpline.twin.messages import Message
from helpline.twin.params import API_VERSION, rfc2822
from helpline.twin.queueing import Queue
from helpline.twin.world import Exchange, World


def call_json(call: Call) -> dict[str, Any]:
    """A leg."""
    uri = f"/{API_VERSION}/Accounts/{call.world.account_sid}/Calls/{call.sid}"
    ended = None if call.ended_wall is None else rfc2822(call.ended_wall)
    started = None if call.status == "queued" else rfc2822(call.created_wall)
    return {
        "account_sid": call.world.account_sid,
        "annotation": None,
        "answered_by": None,
        "api_version": API_VERSION,
        "caller_name": call.extra.get("CallerName", ""),
        "date_created": rfc2822(call.created_wall),
        "date_updated": ended or rfc2822(call.world.now()),
        "direction": call.direction,
        "duration": str(call.duration) if call.over else None,
        "end_time": ended,
        "forwarded_from": call.extra.get("ForwardedFrom"),
        "from": call.from_,
        "from_formatted": call.from_,
        "group_sid": None,
        "parent_call_sid": call.parent_sid or None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "EUR",
        "queue_time": "0",
        "sid": call.sid,
        "start_time": started,
        "status": call.status,
        "subresource_uris": {"events": f"{uri}/Events.json"},
        "to": call.to,
        "to_formatted": call.to,
        "trunk_sid": "",
        "uri": f"{uri}.json",
    }


def event_json(exchange: Exchange) -> dict[str, Any]:
    """One webhook of a leg: every parameter, and our answer."""
    return {
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "parameters": {_snake(name): value for name, value in exchange.params.items()},
        },
        "response": {
            "response_code": exchange.status,
            "content_type": exchange.content_type,
            "response_body": exchange.body.decode("utf-8", "replace"),
            "request_duration": 50,
            "date_created": rfc2822(exchange.at),
        },
    }


def queue_json(queue: Queue) -> dict[str, Any]:
    """A queue."""
    uri = f"/{API_VERSION}/Accounts/{queue.world.account_sid}/Queues/{queue.sid}"
    return {
        "account_sid": queue.world.account_sid,
        "average_wait_time": queue.average_wait,
        "current_size": len(queue.members),
        "date_created": rfc2822(queue.created),
        "date_updated": rfc2822(queue.world.now()),
        "friendly_name": queue.name,
        "max_size": queue.max_size,
        "sid": queue.sid,
        "subresource_uris": {"members": f"{uri}/Members.json"},
        "uri": f"{uri}.json",
    }


def message_json(world: World, message: Message) -> dict[str, Any]:
    """A text message."""
    return {
        "account_sid": world.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc2822(message.created),
        "date_sent": None if message.status == "queued" else rfc2822(message.created),
        "date_updated": rfc2822(world.now()),
        "direction": message.direction,
        "error_code": None,
        "error_message": None,
        "from": message.from_,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "EUR",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {},
        "to": message.to,
        "uri": f"/{API_VERSION}/Accounts/{world.account_sid}/Messages/{message.sid}.json",
    }


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()

"""Stand-in until the page is written."""

from flask import Blueprint

from helpline.app import Service
from helpline.twin import Twin


def demo_page(twin: Twin, service: Service) -> Blueprint:
    return Blueprint("demo", __name__)

"""Events that could not be delivered over HTTP, asked for afterwards (section 4.2)."""

from __future__ import annotations

from dingtalk_sandbox.api import Endpoint, Handler, Routes
from dingtalk_sandbox.events import Delivery, Dispatcher
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import Call, JsonObject

MOST = 200


def _of_app(dispatcher: Dispatcher, call: Call) -> list[Delivery]:
    return [delivery for delivery in dispatcher.failed if delivery.app is call.app]


def old_list(dispatcher: Dispatcher) -> Handler:
    """``/call_back/get_call_back_failed_result``: up to 200, and what it shows it forgets."""

    def handler(_world: World, call: Call) -> JsonObject:
        mine = _of_app(dispatcher, call)
        shown = mine[:MOST]
        for delivery in shown:
            dispatcher.failed.remove(delivery)
        return {
            "errcode": 0,
            "errmsg": "ok",
            "has_more": len(mine) > len(shown),
            "failed_list": [
                {
                    "event_time": delivery.born,
                    "call_back_tag": delivery.event_type,
                    delivery.event_type: {
                        "bpmsCallBackData": delivery.body,
                        "corpid": delivery.app.corp_id,
                    },
                }
                for delivery in shown
            ],
        }

    return handler


def new_list(dispatcher: Dispatcher) -> Handler:
    """``/v1.0/event/callbacks/failedResults``: those of a time, oldest first, and it forgets nothing [?]."""

    def handler(world: World, call: Call) -> JsonObject:
        begin = call.query.integer("beginTime") or 0
        end = call.query.integer("endTime")
        end = world.now() if end is None else end
        mine = [delivery for delivery in _of_app(dispatcher, call) if begin <= delivery.born <= end]
        return {
            "hasMore": len(mine) > MOST,
            "failedList": [
                {
                    "eventTime": delivery.born,
                    "callBackTag": delivery.event_type,
                    "callBackData": delivery.data,
                    "corpId": delivery.app.corp_id,
                }
                for delivery in mine[:MOST]
            ],
        }

    return handler


def routes(dispatcher: Dispatcher) -> Routes:
    return {
        ("GET", "/call_back/get_call_back_failed_result"): Endpoint(old_list(dispatcher)),
        ("GET", "/v1.0/event/callbacks/failedResults"): Endpoint(new_list(dispatcher)),
    }

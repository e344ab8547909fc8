"""Addresses into DingTalk."""

from __future__ import annotations

from urllib.parse import quote, urlencode

_APPROVAL_PAGE = "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm"


def approval_page_mobile(corp_id: str, instance_id: str) -> str:
    """The approval's page, to be opened inside DingTalk on a phone; the form is that of events' ``url``."""
    query = {
        "corpid": corp_id,
        "dd_share": "false",
        "showmenu": "false",
        "dd_progress": "false",
        "back": "native",
        "procInstId": instance_id,
        "taskId": "",
        "swfrom": "isv",
        "dinghash": "approval",
        "dtaction": "os",
        "dd_from": "",
    }
    return f"{_APPROVAL_PAGE}?{urlencode(query)}#approval"


def approval_page_pc(corp_id: str, instance_id: str) -> str:
    """The same page in the side panel of DingTalk on a PC; works from a browser too, by starting DingTalk.

    https://open.dingtalk.com/document/orgapp/private-chat-related-jump-protocol (``pc_slide``).
    """
    page = quote(approval_page_mobile(corp_id, instance_id), safe="")
    return f"dingtalk://dingtalkclient/page/link?url={page}&pc_slide=true"

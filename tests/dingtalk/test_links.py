from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from sluicegate.dingtalk.links import approval_page_mobile, approval_page_pc


def test_the_mobile_page_has_the_form_of_events() -> None:
    link = approval_page_mobile("dingcorp", "EC8GMH0_Q8-Sum4d3-f9nw08621779932944")
    assert link == (
        "https://aflow.dingtalk.com/dingtalk/mobile/homepage.htm?corpid=dingcorp&dd_share=false&showmenu=false"
        "&dd_progress=false&back=native&procInstId=EC8GMH0_Q8-Sum4d3-f9nw08621779932944&taskId=&swfrom=isv"
        "&dinghash=approval&dtaction=os&dd_from=#approval"
    )


def test_the_pc_page_opens_the_same_address_in_the_side_panel() -> None:
    link = urlsplit(approval_page_pc("dingcorp", "a&b"))
    assert (link.scheme, link.netloc, link.path) == ("dingtalk", "dingtalkclient", "/page/link")
    query = parse_qs(link.query)
    assert query["pc_slide"] == ["true"]
    assert query["url"] == [approval_page_mobile("dingcorp", "a&b")]
    assert "procInstId=a%26b" in unquote(query["url"][0]) or "a%26b" in query["url"][0]

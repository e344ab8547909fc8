"""Faults of the API, and the log of requests."""

from __future__ import annotations

import httpx
import pytest

from tests.sandbox.support import Api

INSTANCES = "/v1.0/workflow/processInstances"
GET_USER = "/topapi/v2/user/get"


def started(api: Api) -> int:
    return len(api.state()["instances"])


def test_the_work_is_done_but_nobody_hears_of_it(api: Api) -> None:
    api.fault("timeout_after", times=1, match=INSTANCES, seconds=0)
    with pytest.raises(httpx.RemoteProtocolError):
        api.call("POST", INSTANCES, api.start_body())
    assert started(api) == 1
    api.start()
    assert started(api) == 2


def test_nothing_is_done_and_no_answer_comes(api: Api) -> None:
    api.fault("timeout_before", times=1, match=INSTANCES, seconds=30)
    api.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        api.call("POST", INSTANCES, api.start_body())
    api.http.timeout = httpx.Timeout(10)
    assert started(api) == 0
    (call,) = [entry for entry in api.control("GET", "/requests")["requests"] if entry["path"] == INSTANCES]
    assert call["fault"] == "timeout_before"


def test_the_work_is_done_and_the_answer_hangs(api: Api) -> None:
    api.fault("timeout_after", times=1, match=INSTANCES, seconds=30)
    api.http.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        api.call("POST", INSTANCES, api.start_body())
    api.http.timeout = httpx.Timeout(10)
    assert started(api) == 1


@pytest.mark.parametrize(("kind", "status"), [("error_before", 503), ("http_500", 500)])
def test_server_errors_before_any_work(api: Api, kind: str, status: int) -> None:
    api.fault(kind, times=2, match=INSTANCES)
    for _ in range(2):
        assert api.call("POST", INSTANCES, api.start_body()).status_code == status
    assert started(api) == 0
    api.start()


def test_a_page_instead_of_json(api: Api) -> None:
    api.fault("html_page", times=1, match="/topapi/")
    response = api.http.post(GET_USER, params={"access_token": api.token}, json={"userid": "x"})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert api.old(GET_USER, {"userid": "x"})["errcode"] == 60121


def test_a_slow_answer_is_an_answer(api: Api) -> None:
    api.fault("slow", times=1, seconds=0.05)
    assert api.start()


def test_limits_rights_and_addresses_in_both_hosts_words(api: Api) -> None:
    api.fault("qps", times=2)
    response = api.call("POST", INSTANCES, api.start_body())
    assert response.status_code == 403
    assert response.json()["code"] == "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"
    assert api.old(GET_USER, {"userid": "x"})["sub_code"] == "90018"

    api.fault("ip_not_whitelisted", times=2, ip="198.51.100.7")
    response = api.call("POST", INSTANCES, api.start_body())
    assert "request ip=198.51.100.7 " in response.json()["message"]
    assert "request ip=198.51.100.7 " in api.old(GET_USER, {"userid": "x"})["errmsg"]

    api.fault("missing_scope", times=2)
    response = api.call("POST", INSTANCES, api.start_body())
    assert response.json()["accessdenieddetail"] == {"requiredScopes": ["Workflow.Instance.Write"]}
    assert "qyapi_get_member" in api.old(GET_USER, {"userid": "x"})["sub_msg"]
    assert started(api) == 0
    api.start()


def test_faults_of_authorisation_pass_token_calls_by(api: Api) -> None:
    api.fault("qps", times=1)
    assert api.new_token() == api.token
    assert api.call("POST", INSTANCES, api.start_body()).status_code == 403


def test_other_sites_cannot_steer_the_sandbox(api: Api) -> None:
    response = api.http.post("/_sandbox/reset", headers={"origin": "http://evil.example"})
    assert response.status_code == 403


def test_a_real_limit_and_a_real_quota(api: Api) -> None:
    api.control("POST", "/settings", {"qps_limit": 2})
    statuses = [api.call("GET", INSTANCES, processInstanceId="x").status_code for _ in range(3)]
    assert statuses == [400, 400, 403]
    api.control("POST", "/settings", {"qps_limit": None, "api_quota": 2})
    refusal = api.call("POST", INSTANCES, api.start_body()).json()
    assert refusal["code"] == "Forbidden.AccessDenied.ApiCountLimitForOrg"
    assert api.old(GET_USER, {"userid": api.userid("张三")})["errcode"] == 0


def test_faults_are_listed_and_taken_away(api: Api) -> None:
    lasting = api.fault("error_before", match=INSTANCES, method="POST")
    api.fault("http_500", match="nowhere")
    assert len(api.control("GET", "/faults")["faults"]) == 2
    assert api.call("GET", INSTANCES, processInstanceId="x").status_code == 400
    assert api.call("POST", INSTANCES, api.start_body()).status_code == 503
    api.control("DELETE", f"/faults/{lasting['id']}")
    api.start()
    api.control("DELETE", "/faults")
    assert api.control("GET", "/faults") == {"faults": []}
    api.control("DELETE", "/faults/99", status=404)


def test_mistakes_in_what_is_asked_are_told(api: Api) -> None:
    assert "nonsense" in api.control("POST", "/faults", {"kind": "nonsense"}, status=400)["error"]
    api.control("POST", "/faults", {"kind": "slow", "times": 0}, status=400)
    api.control("POST", "/settings", {"sped": 2}, status=400)
    api.control("POST", "/settings", {"speed": 0.0}, status=400)
    api.control("GET", "/nowhere", status=404)
    api.control("POST", "/templates/PROC-X", {}, status=404)
    response = api.http.post("/_sandbox/faults", content=b"[1]")
    assert response.status_code == 400


def test_requests_are_logged_without_secrets(api: Api) -> None:
    api.control("DELETE", "/requests")
    api.start()
    api.new_token()
    query = {"appkey": api.app["app_key"], "appsecret": api.app["app_secret"]}
    api.http.get("/gettoken", params=query)
    api.start_refused(processCode="PROC-X")
    response = api.http.get("/_sandbox/requests")
    made, token, old, refused = response.json()["requests"]
    assert (made["method"], made["path"], made["status"]) == ("POST", INSTANCES, 200)
    assert made["body"]["originatorUserId"] == api.userid("张三")
    assert made["app_key"] == api.app["app_key"]
    assert token["body"] == {"appKey": api.app["app_key"], "appSecret": "***"}
    assert old["query"]["appsecret"] == "***"
    assert refused["outcome"] == "processCodeError"
    assert api.app["app_secret"] not in response.text
    assert api.token not in response.text

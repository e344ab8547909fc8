"""Tokens of apps (both hosts) and of people, and the calls that begin with a person's code."""

from __future__ import annotations

import secrets

from dingtalk_sandbox import errors, ids
from dingtalk_sandbox.api import CORP_TOKEN_PATH, TOKEN_HEADER, Endpoint, Routes
from dingtalk_sandbox.errors import NewHostError, Refusal, bad
from dingtalk_sandbox.model import App
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import Call, JsonObject

REFRESH_TTL = 30 * 24 * 3600.0


def authenticate(world: World, app_key: str, app_secret: str) -> App | None:
    app = world.apps.get(app_key)
    if app is None or not secrets.compare_digest(app.app_secret.encode(), app_secret.encode()):
        return None
    return app


def access_token(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/oauth2/accessToken``."""
    app = authenticate(world, call.body.need_text("appKey"), call.body.need_text("appSecret"))
    if app is None:
        raise Refusal(errors.BAD_CREDENTIALS)
    ttl = world.settings.token_life
    return {"accessToken": world.tokens.app_token(app.app_key, "new", ttl), "expireIn": int(ttl)}


def corp_token(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/oauth2/{corpId}/token``, which nobody is advised to use."""
    if call.body.text("grant_type") != "client_credentials":
        raise Refusal(bad("unsupported.grant.type", "不支持的grant_type"))
    app = authenticate(world, call.body.text("client_id"), call.body.text("client_secret"))
    if app is None:
        raise Refusal(bad("invalid.client", "无效的client_id或者client_secret"))
    if call.path.split("/")[3] != app.corp_id:
        raise Refusal(NewHostError(500, "unknownError", "未知错误"))
    ttl = world.settings.token_life
    return {"access_token": world.tokens.app_token(app.app_key, "new", ttl), "expires_in": int(ttl)}


def gettoken(world: World, call: Call) -> JsonObject:
    """``GET /gettoken`` of the old host."""
    app_key, app_secret = call.param("appkey"), call.param("appsecret")
    if not app_key or not app_secret:
        raise Refusal(errors.OLD_MISSING_KEY)
    app = authenticate(world, app_key, app_secret)
    if app is None:
        raise Refusal(errors.OLD_BAD_CREDENTIALS)
    ttl = world.settings.token_life
    token = world.tokens.app_token(app.app_key, "old", ttl)
    return {"errcode": 0, "access_token": token, "errmsg": "ok", "expires_in": int(ttl)}


def user_access_token(world: World, call: Call) -> JsonObject:
    """``POST /v1.0/oauth2/userAccessToken``: a login code or a refresh token for a user token."""
    client_id = call.body.need_text("clientId")
    app = authenticate(world, client_id, call.body.need_text("clientSecret"))
    if app is None:
        raise Refusal(errors.BAD_CREDENTIALS)
    if call.body.text("grantType", "authorization_code") == "refresh_token":
        subject = world.tokens.refresh_tokens.take(call.body.need_text("refreshToken"))
    else:
        subject = world.tokens.login_codes.take(call.body.need_text("code"))
    app_key, _, person = (subject or "").partition(" ")
    if not person or app_key != app.app_key:
        # What DingTalk says of a used code is not documented [?].
        raise Refusal(bad("invalidParameter.authCode.notFound", "不合法的临时授权码"))
    userid, _, with_corp = person.partition(" ")
    ttl = world.settings.token_life
    answer: JsonObject = {
        "accessToken": world.tokens.user_tokens.issue(userid, ttl),
        "refreshToken": world.tokens.refresh_tokens.issue(subject or "", REFRESH_TTL),
        "expireIn": int(ttl),
    }
    if with_corp:
        answer["corpId"] = app.corp_id
    return answer


def me(world: World, call: Call) -> JsonObject:
    """``GET /v1.0/contact/users/me``, with a person's token in the header of an app's."""
    token = call.headers.get(TOKEN_HEADER, "")
    if not token:
        raise Refusal(errors.NO_TOKEN)
    if world.tokens.app_tokens.look_up(token) is not None:
        raise Refusal(errors.USER_TOKEN_NEEDED)
    userid = world.tokens.user_tokens.look_up(token)
    if userid is None:
        raise Refusal(errors.BAD_TOKEN)
    user = world.employed(userid)
    if user is None:
        raise Refusal(NewHostError(404, "invalidParameter.user.notFound", "找不到该用户"))
    return {
        "nick": user.name,
        "avatarUrl": "",
        "mobile": user.mobile,
        "openId": f"o{user.unionid}",
        "unionId": user.unionid,
        "email": user.email,
        "stateCode": "86",
        "visitor": False,
    }


def user_info_by_code(world: World, call: Call) -> JsonObject:
    """``POST /topapi/v2/user/getuserinfo``: the person behind an in-app code."""
    userid = world.tokens.inapp_codes.take(call.param("code"))
    user = world.employed(userid or "")
    if user is None:
        raise Refusal(errors.old(40078, "不存在的临时授权码"))
    result = {
        "userid": user.userid,
        "unionid": user.unionid,
        "associated_unionid": user.unionid,
        "name": user.name,
        "device_id": ids.token(),
        "sys": user.admin,
        "sys_level": 1 if user.admin else 0,
    }
    return {"errcode": 0, "errmsg": "ok", "request_id": ids.old_request_id(), "result": result}


def routes() -> Routes:
    return {
        ("POST", CORP_TOKEN_PATH): Endpoint(corp_token, token=False, metered=False),
        ("POST", "/v1.0/oauth2/accessToken"): Endpoint(access_token, token=False, metered=False),
        ("POST", "/v1.0/oauth2/userAccessToken"): Endpoint(user_access_token, token=False, metered=False),
        ("GET", "/v1.0/contact/users/me"): Endpoint(me, token=False, metered=False),
        ("GET", "/gettoken"): Endpoint(gettoken, token=False, metered=False),
        ("POST", "/gettoken"): Endpoint(gettoken, token=False, metered=False),
        ("POST", "/topapi/v2/user/getuserinfo"): Endpoint(user_info_by_code, metered=False),
    }

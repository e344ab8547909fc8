"""Contacts: people and departments, on the old host, as far as the app's range reaches."""

from __future__ import annotations

from dingtalk_sandbox import errors, ids
from dingtalk_sandbox.api import Endpoint, Routes
from dingtalk_sandbox.errors import Refusal
from dingtalk_sandbox.model import ROOT_DEPT, App, Department, User
from dingtalk_sandbox.store import World
from dingtalk_sandbox.wire import BadField, Call, JsonObject

READ_MEMBER = "qyapi_get_member"
READ_MOBILE = "qyapi_get_member_by_mobile"
READ_DEPARTMENTS = "qyapi_get_department_list"
READ_DEPARTMENT_MEMBERS = "qyapi_get_department_member"
MOBILE_FIELD = "fieldMobile"


def ok(result: object) -> JsonObject:
    return {"errcode": 0, "errmsg": "ok", "request_id": ids.old_request_id(), "result": result}


def _in_range(world: World, app: App, dept_id: int) -> bool:
    return any(above in app.authed_depts for above in world.departments_above(dept_id))


def _employed(world: World, call: Call) -> User:
    userid = call.param("userid")
    if not userid:
        raise Refusal(errors.BAD_PARAMETER)
    user = world.employed(userid)
    if user is None:
        raise Refusal(errors.USER_NOT_FOUND)
    if not any(_in_range(world, call.app, dept_id) for dept_id in user.dept_id_list):
        raise Refusal(errors.USER_OUT_OF_RANGE)
    return user


def _department(world: World, call: Call, default: int | None = None) -> Department:
    try:
        given = call.body.integer("dept_id")
        dept_id = call.query.integer("dept_id") if given is None else given
    except BadField as error:
        raise Refusal(errors.BAD_DEPARTMENT_ID) from error
    dept_id = default if dept_id is None else dept_id
    if dept_id is None:
        raise Refusal(errors.BAD_PARAMETER)
    department = world.departments.get(dept_id)
    if department is None:
        raise Refusal(errors.NO_DEPARTMENT)
    if not _in_range(world, call.app, dept_id):
        raise Refusal(errors.DEPARTMENT_OUT_OF_RANGE)
    return department


def get_by_mobile(world: World, call: Call) -> JsonObject:
    mobile = call.param("mobile")
    if not mobile:
        raise Refusal(errors.BAD_PARAMETER)
    if not mobile.lstrip("+").replace("-", "").isdigit():
        raise Refusal(errors.BAD_MOBILE)
    for user in world.users.values():
        if user.mobile == mobile and user.active:
            return ok({"userid": user.userid})
    raise Refusal(errors.USER_NOT_FOUND)


def get_user(world: World, call: Call) -> JsonObject:
    user = _employed(world, call)
    detail: JsonObject = {
        "userid": user.userid,
        "unionid": user.unionid,
        "name": user.name,
        "avatar": "",
        "state_code": "86",
        "manager_userid": user.manager_userid,
        "hide_mobile": user.hide_mobile,
        "telephone": "",
        "job_number": "",
        "title": user.title,
        "email": user.email,
        "org_email": "",
        "work_place": "",
        "remark": "",
        "dept_id_list": list(user.dept_id_list),
        "dept_order_list": [{"dept_id": dept_id, "order": 1} for dept_id in user.dept_id_list],
        "leader_in_dept": [
            {"dept_id": dept_id, "leader": dept_id in user.leader_of} for dept_id in user.dept_id_list
        ],
        "role_list": [],
        "active": user.active,
        "admin": user.admin,
        "boss": False,
        "senior": False,
        "real_authed": True,
        "exclusive_account": False,
    }
    scopes = call.app.scopes
    # That hide_mobile keeps the number from the API too is our decision [?].
    if not user.hide_mobile and (scopes is None or MOBILE_FIELD in scopes):
        detail["mobile"] = user.mobile
    return ok(detail)


def get_by_unionid(world: World, call: Call) -> JsonObject:
    unionid = call.param("unionid")
    for user in world.users.values():
        if unionid and user.unionid == unionid and user.active:
            return ok({"contact_type": 0, "userid": user.userid})
    raise Refusal(errors.UNIONID_NOT_FOUND)


def list_ids(world: World, call: Call) -> JsonObject:
    department = _department(world, call)
    members = [
        user.userid
        for user in world.users.values()
        if user.active and department.dept_id in user.dept_id_list
    ]
    return ok({"userid_list": members})


def _children(world: World, department: Department) -> list[Department]:
    return [child for child in world.departments.values() if child.parent_id == department.dept_id]


def _department_fields(department: Department) -> JsonObject:
    fields: JsonObject = {
        "dept_id": department.dept_id,
        "name": department.name,
        "auto_add_user": True,
        "create_dept_group": True,
    }
    if department.parent_id is not None:
        fields["parent_id"] = department.parent_id
    return fields


def list_sub(world: World, call: Call) -> JsonObject:
    children = _children(world, _department(world, call, ROOT_DEPT))
    return ok([_department_fields(child) for child in children])


def list_sub_id(world: World, call: Call) -> JsonObject:
    children = _children(world, _department(world, call))
    return ok({"dept_id_list": [child.dept_id for child in children]})


def get_department(world: World, call: Call) -> JsonObject:
    department = _department(world, call)
    managers = [user.userid for user in world.users.values() if department.dept_id in user.leader_of]
    return ok(
        _department_fields(department)
        | {"dept_manager_userid_list": managers, "hide_dept": False, "order": 1, "source_identifier": ""}
    )


def list_parents_by_user(world: World, call: Call) -> JsonObject:
    user = _employed(world, call)
    chains = [{"parent_dept_id_list": world.departments_above(dept_id)} for dept_id in user.dept_id_list]
    return ok({"parent_list": chains})


def scopes(_world: World, call: Call) -> JsonObject:
    """``GET /auth/scopes``: the range the app may see; no ``result`` around it."""
    fields = ["name", "email", "dept_id_list", "avatar", "userid"]
    if call.app.scopes is None or MOBILE_FIELD in call.app.scopes:
        fields.append("mobile")
    return {
        "errcode": 0,
        "errmsg": "ok",
        "auth_user_field": fields,
        "condition_field": [],
        "auth_org_scopes": {"authed_dept": list(call.app.authed_depts), "authed_user": []},
    }


def routes() -> Routes:
    table = {
        "/topapi/v2/user/getbymobile": (get_by_mobile, READ_MOBILE),
        "/topapi/v2/user/get": (get_user, READ_MEMBER),
        "/topapi/user/getbyunionid": (get_by_unionid, READ_MEMBER),
        "/topapi/user/listid": (list_ids, READ_DEPARTMENT_MEMBERS),
        "/topapi/v2/department/listsub": (list_sub, READ_DEPARTMENTS),
        "/topapi/v2/department/listsubid": (list_sub_id, READ_DEPARTMENTS),
        "/topapi/v2/department/get": (get_department, READ_DEPARTMENTS),
        "/topapi/v2/department/listparentbyuser": (list_parents_by_user, READ_DEPARTMENTS),
    }
    found: Routes = {
        (method, path): Endpoint(handler, scope, metered=False)
        for path, (handler, scope) in table.items()
        for method in ("GET", "POST")
    }
    found["GET", "/auth/scopes"] = Endpoint(scopes, metered=False)
    return found

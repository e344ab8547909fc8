"""The words of the approver's page, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS: Mapping[str, tuple[str, str]] = {
    "title": ("本地钉钉 · 审批", "Local DingTalk · approvals"),
    "who": ("你是谁？", "Who are you?"),
    "who_hint": (
        "这里模拟钉钉里的审批人，不需要密码。",
        "Here you play a person inside DingTalk. No password is needed.",
    ),
    "switch": ("切换身份", "Switch person"),
    "other_lang": ("English", "中文"),
    "pending": ("待我处理", "Waiting for me"),
    "done": ("我已处理", "Handled by me"),
    "mine": ("我发起的", "Started by me"),
    "none": ("没有审批单。", "Nothing here."),
    "waiting_count": ("{count} 项待处理", "{count} waiting"),
    "left": ("已离职", "has left"),
    "by": ("发起人", "Originator"),
    "department": ("部门", "Department"),
    "number": ("审批编号", "Number"),
    "started": ("发起时间", "Started"),
    "empty": ("（空）", "(empty)"),
    "history": ("流程", "History"),
    "now_with": ("等待处理", "Waiting for"),
    "remark": ("意见", "Remark"),
    "remark_hint": ("意见（选填；评论时必填）", "Remark (needed only for a comment)"),
    "comment_hint": ("写评论", "Write a comment"),
    "messages": ("消息", "Messages"),
    "open": ("打开", "Open"),
    "agree": ("同意", "Agree"),
    "refuse": ("拒绝", "Refuse"),
    "redirect": ("转交", "Hand over"),
    "append_before": ("前加签", "Add before me"),
    "append_after": ("后加签", "Add after me"),
    "more": ("转交、加签", "Hand over, add an approver"),
    "colleague": ("同事", "Colleague"),
    "comment": ("评论", "Comment"),
    "withdraw": ("撤销", "Withdraw"),
    "confirm_refuse": ("确定拒绝这个审批单吗？", "Refuse this approval?"),
    "confirm_withdraw": ("确定撤销这个审批单吗？", "Withdraw this approval?"),
    "back": ("返回", "Back"),
    "gone": ("审批单不存在，可能已被删除。", "There is no such approval; it may have been deleted."),
    "not_yours": (
        "这一步已经不等你处理了：可能别人已经处理，或者审批已结束。",
        "This step no longer waits for you: somebody else decided it, or the approval has ended.",
    ),
    "need_text": ("请先填写内容。", "Please write something first."),
    "nobody": ("没有这个人，或此人已离职。", "There is no such person, or they have left."),
    "foreign": ("请求来自别的网站，已拒绝。", "The request came from another site and was refused."),
    "RUNNING": ("审批中", "Running"),
    "TERMINATED": ("已撤销", "Withdrawn"),
    "agreed": ("已同意", "Agreed"),
    "refused": ("已拒绝", "Refused"),
    "system": ("系统", "System"),
    "START_PROCESS_INSTANCE": ("发起申请", "started it"),
    "EXECUTE_TASK_NORMAL": ("处理", "decided"),
    "EXECUTE_TASK_AUTO": ("自动处理", "decided automatically"),
    "APPEND_TASK_BEFORE": ("前加签", "added an approver before"),
    "APPEND_TASK_AFTER": ("后加签", "added an approver after"),
    "REDIRECT_TASK": ("转交", "handed it over"),
    "TERMINATE_PROCESS_INSTANCE": ("撤销", "withdrew it"),
    "ADD_REMARK": ("评论", "commented"),
    "PROCESS_CC": ("抄送", "sent copies"),
    "AGREE": ("同意", "agreed"),
    "REFUSE": ("拒绝", "refused"),
    "login": ("登录到 {app}", "Sign in to {app}"),
    "login_as": ("以此身份登录", "Sign in"),
    "deny": ("拒绝授权", "Do not sign in"),
    "bad_client": ("没有这个应用：{client}", "There is no such app: {client}"),
    "bad_redirect": (
        "回调地址未登记或无效：{uri}",
        "The redirect address is not registered or not valid: {uri}",
    ),
}


class Words:
    """The page's words in one language; placeholders are filled by the caller."""

    def __init__(self, lang: str) -> None:
        self.lang = "en" if lang == "en" else "zh"

    @property
    def other(self) -> str:
        return "zh" if self.lang == "en" else "en"

    def __call__(self, key: str, **values: object) -> str:
        chinese, english = _TEXTS[key]
        return (english if self.lang == "en" else chinese).format(**values)

    def known(self, key: str) -> bool:
        return key in _TEXTS

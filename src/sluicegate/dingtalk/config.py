"""Whom we call, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """An enterprise-internal app of one organisation (凭证与基础信息).

    Args:
        app_key: AppKey, called Client ID on newer pages.
        app_secret: AppSecret / Client Secret; never shown.
        corp_id: the organisation; needed for links into its approvals.
        agent_id: needed for work notifications.
    """

    app_key: str
    app_secret: str = field(repr=False)
    corp_id: str = ""
    agent_id: str = ""


@dataclass(frozen=True)
class Hosts:
    """Base addresses of the new and the old host; elsewhere for the overseas cloud, a proxy or a sandbox."""

    api_base: str = "https://api.dingtalk.com"
    oapi_base: str = "https://oapi.dingtalk.com"

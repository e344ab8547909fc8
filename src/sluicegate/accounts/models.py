"""People, their roles and groups, their tokens, and what they were granted on data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import cached_property

from sluicegate.accounts.permissions import Permission
from sluicegate.audit.log import Actor

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable  # noqa: F401


class Role(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    permissions: models.Field[list[str], list[str]] = ArrayField(
        models.CharField(max_length=40), default=list
    )
    builtin = models.BooleanField(default=False)


class Group(models.Model):
    """People who get access together, e.g. a team."""

    name = models.CharField(max_length=80, unique=True)
    remark = models.CharField(max_length=200, blank=True)


class User(AbstractBaseUser):
    """A person. ``dingtalk_userid`` is looked up by mobile number the first time it is needed, and can be
    corrected by hand."""

    username = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    mobile = models.CharField(max_length=32, blank=True)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=2, blank=True)
    dingtalk_userid = models.CharField(max_length=80, blank=True)
    dingtalk_department = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)
    roles: models.ManyToManyField[Role, models.Model] = models.ManyToManyField(Role, related_name="users")
    groups: models.ManyToManyField[Group, models.Model] = models.ManyToManyField(
        Group, related_name="members"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = BaseUserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dingtalk_userid"],
                condition=~models.Q(dingtalk_userid=""),
                name="one_user_per_dingtalk",
            )
        ]

    @cached_property
    def permissions(self) -> frozenset[str]:
        """All permissions of all roles; empty for somebody who left."""
        if not self.is_active:
            return frozenset()
        return frozenset(code for codes in self.roles.values_list("permissions", flat=True) for code in codes)

    def has(self, permission: Permission) -> bool:
        return permission.value in self.permissions

    @property
    def actor(self) -> Actor:
        return Actor(self.pk, self.username)


class ApiToken(models.Model):
    """A bearer token. Only its hash is kept; ``prefix`` lets its owner recognise it. ``made_with``: the token
    that it was asked for with, whose end is its end too."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    made_with = models.ForeignKey("self", on_delete=models.CASCADE, null=True)


class AccessGrant(models.Model):
    """Who may do what on which objects from when until when.

    Either ``user`` or ``group``. Scope: one data source, or all of an environment, or (both None) all. The
    patterns are shell patterns (``*``, ``?``); ``*`` is everything.
    """

    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="grants")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="grants")
    actions: models.Field[list[str], list[str]] = ArrayField(models.CharField(max_length=20))
    datasource_id: int | None
    datasource = models.ForeignKey(
        "datasources.DataSource", null=True, on_delete=models.CASCADE, related_name="+"
    )
    environment_id: int | None
    environment = models.ForeignKey(
        "datasources.Environment", null=True, on_delete=models.CASCADE, related_name="+"
    )
    database_pattern = models.CharField(max_length=128, default="*")
    schema_pattern = models.CharField(max_length=128, default="*")
    table_pattern = models.CharField(max_length=128, default="*")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    ticket_number = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=150)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=True) ^ models.Q(group__isnull=True),
                name="grant_to_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(datasource__isnull=True) | models.Q(environment__isnull=True),
                name="grant_on_one_scope",
            ),
        ]
        indexes = [models.Index(fields=["ticket_number"], name="grant_by_ticket")]


class SignInFailure(models.Model):
    """A failed sign-in, counted to slow down guessing."""

    username = models.CharField(max_length=80)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["username", "at"], name="failures_by_name")]


class IdempotencyKey(models.Model):
    """The answer that a creating request got, so that its repetition gets the same one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    key = models.CharField(max_length=128)
    request_digest = models.CharField(max_length=64)
    sealed_answer = models.BinaryField(default=b"")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key")]

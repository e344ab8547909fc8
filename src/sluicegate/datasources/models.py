"""Registered database servers (实例) and the environments they belong to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Environment(models.Model):
    """Where a data source stands: dev, test, prod, or an own one."""

    code = models.SlugField(max_length=40, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.IntegerField(default=0)
    production = models.BooleanField(default=False)


class DataSource(models.Model):
    """A database server, how to reach it, and its limits. ``revision`` grows with every change of what or
    where it is, so that an approval given for one server is never used for another."""

    name = models.CharField(max_length=80, unique=True)
    remark = models.CharField(max_length=200, blank=True)
    dialect = models.CharField(max_length=40)
    host = models.CharField(max_length=255, blank=True)
    port = models.IntegerField(default=0)
    database = models.CharField(max_length=512, blank=True)
    user = models.CharField(max_length=128, blank=True)
    sealed_password = models.BinaryField(default=b"")
    # What plans and counts are asked as, so that nothing of a script that isn't approved meets the rights of
    # the account above. "": there is none.
    review_user = models.CharField(max_length=128, blank=True)
    sealed_review_password = models.BinaryField(default=b"")
    tls_mode = models.CharField(max_length=20, default="disable")
    tls_ca = models.TextField(blank=True)
    tls_certificate = models.TextField(blank=True)
    sealed_tls_key = models.BinaryField(default=b"")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="datasources")
    tags: models.Field[list[str], list[str]] = ArrayField(models.CharField(max_length=40), default=list)
    max_sessions = models.IntegerField(default=5)
    connect_seconds = models.FloatField(default=10)
    statement_seconds = models.FloatField(default=3600)
    review_seconds = models.FloatField(default=10)
    lock_wait_seconds = models.FloatField(default=30)
    marker_place = models.CharField(max_length=64, default="sluicegate", blank=True)
    enabled = models.BooleanField(default=True)
    revision = models.IntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)


class SessionSlot(models.Model):
    """One open session of a short task (review, catalogue, test) on a data source, counted against its
    limit. A slot whose holder died is free again at ``expires_at``."""

    datasource = models.ForeignKey(DataSource, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=20)
    expires_at = models.DateTimeField()

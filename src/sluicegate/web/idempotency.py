"""``Idempotency-Key``: a creating request that is repeated gets the first one's answer, and creates nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from pydantic import BaseModel

from sluicegate.accounts.models import IdempotencyKey
from sluicegate.audit.log import unit_of_work
from sluicegate.core import crypto
from sluicegate.core.errors import InvalidInput
from sluicegate.web.auth import Request

R = TypeVar("R", bound=BaseModel)

MAX_KEY = 128


def _digest(request: Request) -> str:
    """What makes a request the same one. A form's body was read while it was parsed: its fields and files
    stand for it."""
    found = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.content_type != "multipart/form-data":
        found.update(request.body)
        return found.hexdigest()
    for name, value in sorted(request.POST.items()):
        found.update(f"{name}={value}\n".encode())
    for name, file in sorted(request.FILES.items()):
        assert isinstance(file, UploadedFile)
        found.update(f"{name}={file.name}\n".encode())
        for chunk in file.chunks():
            found.update(chunk)
        file.seek(0)
    return found.hexdigest()


def once(request: Request, result: type[R], create: Callable[[], R]) -> R:
    """Run ``create``, or give the stored answer of the request that came with the same key before.

    Key, creation and answer are one transaction: after a crash either all of them are there or none.

    Raises:
        InvalidInput: ``idempotency_key_reused`` when the same key came with another request.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return create()
    if len(key) > MAX_KEY:
        raise InvalidInput("idempotency_key_invalid", max=MAX_KEY)
    digest = _digest(request)
    with unit_of_work():
        try:
            with transaction.atomic():  # waits here while another request with this key is under way
                stored = IdempotencyKey.objects.create(user=request.auth, key=key, request_digest=digest)
        except IntegrityError:
            stored = IdempotencyKey.objects.get(user=request.auth, key=key)
            if stored.request_digest != digest:
                raise InvalidInput("idempotency_key_reused", key=key) from None
            return result.model_validate_json(crypto.unseal(stored.sealed_answer, f"answer:{stored.pk}"))
        answer = create()
        # Sealed, because the answer to a new token is the token.
        stored.sealed_answer = crypto.seal(answer.model_dump_json(), f"answer:{stored.pk}")
        stored.save(update_fields=["sealed_answer"])
    return answer

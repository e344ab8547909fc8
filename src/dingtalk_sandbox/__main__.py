"""``python -m dingtalk_sandbox``: a local DingTalk until it is stopped."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from dingtalk_sandbox.errors import Refusal
from dingtalk_sandbox.server import filler, serve
from dingtalk_sandbox.wire import BadField


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be greater than 0")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dingtalk_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port; 0 picks a free one (%(default)s)")
    parser.add_argument(
        "--speed", type=_positive, help="divides DingTalk's waiting times (1, or what the seed file says)"
    )
    parser.add_argument("--seed", type=Path, help="JSON file that extends or replaces the company")
    parser.add_argument("--dump", type=Path, help="where the state is written at the end, as a seed file")
    return parser


def _announce(url: str) -> None:
    sys.stdout.write(url + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Prints the URL as the first line once it answers. Exit status 1 when it cannot."""
    options = _parser().parse_args(arguments)
    try:
        fill = filler(options.seed, options.speed)
        serve(options.host, options.port, fill, _announce, options.dump)
    except (OSError, ValueError, BadField, Refusal) as error:
        # An address that is taken, or a seed file that is none.
        sys.stderr.write(f"dingtalk_sandbox: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

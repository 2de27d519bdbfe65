"""The connection to a Ray cluster: the caller's own, or one for as long as it is needed."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from framing.errors import InputError

_LOG = logging.getLogger(__name__)


def ray_module(name: str = "ray") -> Any:
    """Ray, or the way to get it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise ImportError('Ray is needed: pip install "framing-score[ray]"') from error


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Within it, Ray is connected; gives the module.

    A connection that is there already is used as it is and left open. Any other is closed at the
    end, and a cluster that was started for it on this machine stopped.

    Parameters
    ----------
    address : of a cluster; ``auto`` for the one that this machine belongs to; None for that one
        or, if there is none, for one on this machine alone; ``local`` always for such a one.

    Raises
    ------
    InputError
        if there is no cluster at the address.
    """
    ray = ray_module()
    if ray.is_initialized():
        yield ray
        return
    with _own_handler():
        try:
            alone = {"include_dashboard": False} if address in (None, "local") else {}
            context = ray.init(address=address, log_to_driver=False, **alone)
        except (ConnectionError, ValueError) as error:
            raise InputError(
                f"address: no Ray cluster at {address!r}: {error}; start one with "
                "`ray start --head`, or leave the address out to use this machine alone"
            ) from error
    try:
        where = getattr(context, "address_info", {}).get("gcs_address", address)
        _LOG.info("connected to Ray at %s", where)
        yield ray
    finally:
        ray.shutdown()


@contextmanager
def _own_handler() -> Iterator[None]:
    """Keeps the handler of SIGTERM, which Ray replaces by one that ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    except SystemExit:  # the signal came meanwhile
        signal.signal(signal.SIGTERM, before)
        signal.raise_signal(signal.SIGTERM)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)

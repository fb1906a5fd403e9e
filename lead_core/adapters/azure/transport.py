"""The HTTP transport of all clients of Azure: tables, queues and mail."""

from azure.core.pipeline.transport import AioHttpTransport


def open_transport(*, connect_seconds: float, read_seconds: float) -> AioHttpTransport:
    """Return a transport for one client, which closes it.

    It does not look for proxies. By default it asks the environment and a ``.netrc`` file at each request, which takes
    a third of the request's CPU (`python -m bench.proxies`).
    """
    return AioHttpTransport(use_env_settings=False, connection_timeout=connect_seconds, read_timeout=read_seconds)

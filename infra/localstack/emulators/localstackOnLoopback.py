"""LocalStack 4.14 in host mode. Of GATEWAY_LISTEN it takes the port only and listens on every IPv4 address."""

import functools
import runpy

from twisted.internet import endpoints

endpoints.TCP4ServerEndpoint = functools.partial(
    endpoints.TCP4ServerEndpoint, interface="127.0.0.1"
)
runpy.run_module("localstack.runtime.main", run_name="__main__")

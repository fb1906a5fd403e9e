"""A small Azure Functions host for machines without Core Tools.

It runs ``function_app.py`` as the real host does, as far as this app can tell the difference: HTTP, queue
and timer triggers, settings, host.json. Keys are not enforced. Its model are the sources of
`azure-functions-host <https://github.com/Azure/azure-functions-host>`_ and of the `queue extension
<https://github.com/Azure/azure-sdk-for-net/tree/main/sdk/storage>`_.
"""

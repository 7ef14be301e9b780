"""How schemathesis writes bodies of media types that it does not know."""

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/vnd.apache.arrow.stream")
def as_it_is(_context, value):
    return value if isinstance(value, bytes) else str(value).encode()

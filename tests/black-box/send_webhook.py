"""Signs one webhook with PyPI's `standardwebhooks`, sends it, and prints the answer.

Reads {"url", "secret", "id", "body"} on standard input; prints {"status", "body"}.
"""

import json
import sys
import urllib.error
import urllib.request
from datetime import datetime, timezone

from standardwebhooks.webhooks import Webhook

delivery = json.load(sys.stdin)
now = datetime.now(tz=timezone.utc)
headers = {
    "content-type": "application/json",
    "webhook-id": delivery["id"],
    "webhook-timestamp": str(int(now.timestamp())),
    "webhook-signature": Webhook(delivery["secret"]).sign(delivery["id"], now, delivery["body"]),
}
request = urllib.request.Request(delivery["url"], delivery["body"].encode(), headers, method="POST")
try:
    with urllib.request.urlopen(request, timeout=30) as response:
        answer = (response.status, response.read())
except urllib.error.HTTPError as error:
    answer = (error.code, error.read())
json.dump({"status": answer[0], "body": json.loads(answer[1])}, sys.stdout)

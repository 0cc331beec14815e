"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from cur_ingest.guard import refuse_other_currency
from records.guard import refuse_unsafe_database
from valueboard.lib.busy import limit_waiting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valueboard.settings")
application = get_wsgi_application()
limit_waiting()
refuse_unsafe_database()
refuse_other_currency()
# Every view is imported now (seconds: pandas, Ibis), not while the first person waits.
_ = get_resolver().url_patterns

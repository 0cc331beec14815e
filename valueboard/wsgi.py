"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from records.clock import refuse_travelling_clock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valueboard.settings")
application = get_wsgi_application()
refuse_travelling_clock()

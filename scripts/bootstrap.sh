#!/bin/sh
# Make .venv/ and bring it to the locked requirements: `scripts/bootstrap.sh [--dev]`.
# Does nothing, in a few milliseconds, when they have not changed since.
set -eu
unset PYTHONHOME PYTHONPATH || :

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
venv=$root/.venv
case ${1:-} in
    --dev) lock=$root/requirements-dev.txt ;;
    '') lock=$root/requirements.txt ;;
    *) echo "usage: $0 [--dev]" >&2; exit 2 ;;
esac
# What was installed last; the development requirements hold the others.
stamp=$venv/installed.txt

say() { echo "bootstrap: $*" >&2; }

# A candidate counts only if it runs and is new enough: a pyenv shim may exist and fail.
runs() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

# Prints candidates, the wanted ones first; most do not exist.
candidates() {
    wanted=$(head -n 1 "$root/.python-version" 2>/dev/null || echo 3.12)
    [ -z "${PYTHON:-}" ] || echo "$PYTHON"
    [ -z "${UV_PYTHON:-}" ] || echo "$UV_PYTHON"
    pyenv_root=${PYENV_ROOT:-$(pyenv root 2>/dev/null || echo "${HOME:-/}/.pyenv")}
    for version in "$wanted" 3.12 3.13 3.14 3; do
        for folder in "$pyenv_root/versions/$version"*; do
            echo "$folder/bin/python"
        done
        echo "python$version"
        for folder in /usr/bin /usr/local/bin /opt/homebrew/bin "/opt/homebrew/opt/python@$version/bin" \
            "/usr/local/opt/python@$version/bin" "/Library/Frameworks/Python.framework/Versions/$version/bin"; do
            echo "$folder/python$version"
        done
    done
    uv python find '>=3.12' 2>/dev/null || :
}

find_python() {
    candidates | while IFS= read -r candidate; do
        if runs "$candidate"; then
            echo "$candidate"
            break
        fi
    done
}

# Makes a line of every tenth package of pip's, and passes on what is neither progress nor a repetition.
progress() {
    awk '
        /^Collecting / {
            count++
            split($2, name, "==")
            if (count % 10 == 0) printf "bootstrap: %d packages found, the last is %s\n", count, name[1]
        }
        /^Installing collected packages/ { printf "bootstrap: writing %d packages to .venv\n", count }
        /^ERROR|^WARNING/ { print }
        { fflush() }' >&2
}

make_venv() {
    python=$(find_python)
    if [ -z "$python" ]; then
        say "no Python 3.12 or newer runs here: install one (Debian 13, Homebrew, pyenv, uv) or set PYTHON to its path"
        exit 1
    fi
    say "making .venv with $("$python" --version) ($python)"
    rm -rf "$venv"
    if uv --version >/dev/null 2>&1; then
        uv venv --quiet --python "$python" "$venv"
    elif ! "$python" -m venv "$venv" >/dev/null 2>&1; then
        rm -rf "$venv"
        say "$python has no venv module: install it (on Debian the package python3-venv) or uv"
        exit 1
    fi
}

install_requirements() {
    say "installing the locked requirements; the first time takes about half a minute"
    rm -f "$stamp"
    if uv --version >/dev/null 2>&1; then
        uv pip install --quiet --compile-bytecode --python "$venv/bin/python" --require-hashes -r "$lock"
    else
        # pip runs on while its lines are counted: what it says of failures comes as it is.
        { "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --no-compile \
            --progress-bar off --require-hashes -r "$lock" && : >"$venv/pip-is-done"; } | progress
        [ -f "$venv/pip-is-done" ] || { say "pip could not install them: see above"; exit 1; }
        rm -f "$venv/pip-is-done"
        say "compiling what was installed"
        # On all cores, which pip does not do; a file that does not compile is nobody's business.
        "$venv/bin/python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || :
    fi
}

# The checkout itself needs no build: a path for Python, and a command that says where it is.
link() {
    for packages in "$venv"/lib/python3*/site-packages; do
        # Relative and ASCII: Python decodes this file by the locale of the day.
        echo ../../../.. >"$packages/frankenjet.pth"
    done
    quoted=$(printf '%s' "$venv/bin/python" | sed "s/'/'\\\\''/g")
    printf '#!/bin/sh\nexec '"'%s'"' -X utf8 -P -m scripts "$@"\n' "$quoted" >"$venv/bin/frankenjet"
    chmod 755 "$venv/bin/frankenjet"
}

if ! runs "$venv/bin/python"; then make_venv; fi
if ! cmp -s "$lock" "$stamp" && ! cmp -s "$root/requirements-dev.txt" "$stamp"; then
    install_requirements
    link
    cp "$lock" "$stamp"
fi
case $(cat "$venv/bin/frankenjet" 2>/dev/null) in
    *"'$venv/bin/python' -X utf8 -P -m scripts "*) ;;
    *) link ;; # the checkout was moved, or its name needs quotes
esac

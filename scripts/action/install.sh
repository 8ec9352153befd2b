#!/usr/bin/env bash
# Puts chartgate on PATH for the steps that follow: the one that is there, else the release's, else one built from this checkout.
# Reads CHARTGATE_VERSION (may be empty), CHARTGATE_ACTION_PATH, RUNNER_TEMP, RUNNER_OS, RUNNER_ARCH; writes GITHUB_PATH.
set -euo pipefail

releases="${CHARTGATE_RELEASES:-https://github.com/chartgate/chartgate/releases/download}"
wanted="${CHARTGATE_VERSION#v}"
folder="$RUNNER_TEMP/chartgate"

if found="$(command -v chartgate)"; then
    has="$(chartgate --version)"
    if [[ -z "$wanted" || "$has" == "chartgate $wanted" ]]; then
        echo "using $found ($has)"
        exit 0
    fi
    echo "$found is $has, but version $wanted is asked for"
fi

own="$(sed -n 's/^version = "\(.*\)"$/\1/p' "$CHARTGATE_ACTION_PATH/Cargo.toml" | head -n 1)"
wanted="${wanted:-$own}"
case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) target=x86_64-unknown-linux-musl ;;
    Linux-ARM64) target=aarch64-unknown-linux-musl ;;
    macOS-X64) target=x86_64-apple-darwin ;;
    macOS-ARM64) target=aarch64-apple-darwin ;;
    *) target= ;;
esac
mkdir -p "$folder/bin"

get() { curl --fail --silent --show-error --location --retry 3 --output "$folder/$1" "$releases/v$wanted/$1"; }
sum_of() { (sha256sum "$folder/$1" 2> /dev/null || shasum -a 256 "$folder/$1") | cut -d ' ' -f 1; }

# Fetches the release asset, unless an earlier run kept it, and its checksum; 1 where there is none. A checksum that differs ends the step.
fetch() {
    local name="chartgate-$wanted-$target.tar.gz" expected actual kept=""
    [[ -n "$target" ]] || return 1
    [[ ! -s "$folder/$name" ]] || kept=1
    [[ -n "$kept" ]] || get "$name" || return 1
    if ! get "$name.sha256"; then
        echo "::error title=chartgate::release $wanted has no checksum for $name"
        exit 1
    fi
    expected="$(cut -d ' ' -f 1 "$folder/$name.sha256")"
    actual="$(sum_of "$name")"
    # What a cache keeps is believed no more than what a server sends.
    if [[ -n "$kept" && "$expected" != "$actual" ]]; then
        get "$name" || return 1
        actual="$(sum_of "$name")"
    fi
    if [[ -z "$expected" || "$expected" != "$actual" ]]; then
        echo "::error title=chartgate::the checksum of $name is $actual, not $expected"
        exit 1
    fi
    tar -xzf "$folder/$name" -C "$folder/bin" chartgate
}

if fetch; then
    echo "using release $wanted"
elif [[ "$wanted" != "$own" ]]; then
    echo "::error title=chartgate::there is no release $wanted for this runner; use the action at that version to build it"
    exit 1
elif command -v cargo > /dev/null; then
    echo "there is no release $wanted for this runner; building it from the action's checkout"
    cargo install --locked --quiet --path "$CHARTGATE_ACTION_PATH" --root "$folder"
else
    echo "::error title=chartgate::there is no release $wanted for this runner, and no cargo to build it; install Rust first, or put chartgate on PATH"
    exit 1
fi
echo "$folder/bin" >> "$GITHUB_PATH"

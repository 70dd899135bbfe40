#!/usr/bin/env bash
# Builds the solution and runs every test project.
#
#   bash tests/run.sh                  everything, short forms
#   bash tests/run.sh --long           everything, long forms (DISTCACHE_LONG=1): hours, on cores of its own, since it asks for promised times as they are
#   bash tests/run.sh --filter NAME    only test classes whose full name ends with NAME
#
# DISTCACHE_TEST_RESULTS=FOLDER keeps the results (JUnit XML) there.
# Needs git and .NET SDK 10. As root it installs what else is missing (Debian: nginx, chromium, curl, wget, nghttp2-client, redis-server).
# The last line is "N passed, N failed" (", N skipped" where there are any); the exit code is 0 only when nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
compiler="distcache-tests-$$" # One compiler for all projects halves the time of the build; it has a name of its own, and ends with the build.

say() { printf '== %s\n' "$*"; }

fail() { # Ends the run before any test could be counted.
    say "$*"
    echo "0 passed, 1 failed"
    exit 1
}

install() ( # Debian starts a service as soon as it is installed; this run wants the program only.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"
)

kept=${DISTCACHE_TEST_RESULTS:-}
results=${kept:-$(mktemp -d)}
mkdir -p "$results"
rm -f "$results"/*.xml "$results/not-passed"
group=
end_compiler() {
    local pid
    for pid in /proc/[0-9]*; do # No pgrep: a bare machine may not have it.
        { tr '\0' ' ' <"$pid/cmdline"; } 2>/dev/null | grep -q -- "-pipename:$compiler " && kill "${pid#/proc/}"
    done 2>/dev/null
}
finish() { # Ends what the build and the tests may have left, and only that: the tests are one group of their own.
    [ -z "$group" ] || kill -KILL -- "-$group" 2>/dev/null
    end_compiler
    [ -n "$kept" ] || rm -rf "$results"
}
trap finish EXIT
trap 'exit 130' INT TERM

filter=()
while [ $# -gt 0 ]; do
    case "$1" in
        --long) export DISTCACHE_LONG=1 ;;
        --filter)
            [ $# -ge 2 ] || fail "--filter needs the name of a test class"
            filter=(-class "*$2")
            shift ;;
        *) fail "unknown option $1 (known: --long, --filter NAME)" ;;
    esac
    shift
done

# --- What the tests need -------------------------------------------------------------------------------------------------------

command -v dotnet >/dev/null || fail ".NET SDK 10 is missing: see https://learn.microsoft.com/dotnet/core/install/linux-debian"

missing=()
for tool in nginx chromium curl wget h2load=nghttp2-client redis-server redis-cli=redis-tools; do # program=package where they differ
    PATH="$PATH:/usr/sbin" command -v "${tool%=*}" >/dev/null || missing+=("${tool#*=}")
done

installing=
if [ ${#missing[@]} -gt 0 ]; then
    [ "$(id -u)" = 0 ] || fail "missing: ${missing[*]}. As root: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    say "installing ${missing[*]} while the build runs"
    install "${missing[@]}" </dev/null >/tmp/distcache-apt.log 2>&1 &
    installing=$!
fi

dotnet tool restore </dev/null >/tmp/distcache-tools.log 2>&1 || say "the .NET tools could not be restored: the tests that need Garnet are skipped"

# --- Build ---------------------------------------------------------------------------------------------------------------------

say "building (Release)"
DOTNET_CLI_USE_MSBUILD_SERVER=0 dotnet build DistCache.Edge.sln -c Release -v quiet --nologo -nodeReuse:false \
    -p:UseSharedCompilation=true -p:SharedCompilationId="$compiler" </dev/null
built=$?
end_compiler
if [ -n "$installing" ]; then
    wait "$installing" || {
        tail -n 20 /tmp/distcache-apt.log
        fail "apt-get could not install ${missing[*]}"
    }
    installing=
fi
[ "$built" -eq 0 ] || fail "the build failed"

# --- Test ----------------------------------------------------------------------------------------------------------------------

# Each test project is a program of its own. Most run alone: some measure time and memory, and two cores are few. Two groups run beside each other:
# the one computes, the other waits for the servers that it starts.
run() {
    local name
    for name in "$@"; do
        say "testing $name"
        dotnet "tests/$name/bin/Release/net10.0/$(basename "tests/$name"/*.csproj .csproj).dll" -noLogo -noColor -reporter quiet -result-jUnit "$results/$name.xml" "${filter[@]}" </dev/null ||
            echo "$name" >>"$results/not-passed"
        say "$name: $(grep -o '<testsuite [^>]*>' "$results/$name.xml" 2>/dev/null | grep -oE ' (tests|failures|errors|skipped|time)="[0-9]+' | tr -d '"' | tr '=\n' ' ,')"
    done
}
run_all() {
    run Architecture DistCache.Semantics.Tests DistCache.Fleet.Tests &
    run DistCache.Geo.Tests DistCache.Redis.Tests DistCache.OutputCaching.Tests DistCache.Edge.Tests
    wait $!
    run DistCache.Storage.Tests DistCache.Proxy.Tests Scenarios
}
set -m # What is started from here on is a group of its own.
run_all &
group=$!
set +m
wait "$group"

# --- Sum up --------------------------------------------------------------------------------------------------------------------

# One XML for each test project. 'tests' includes the skipped ones; a project that crashed leaves no file.
read -r tests failed skipped files < <(
    cat "$results"/*.xml 2>/dev/null | grep -o '<testsuite [^>]*>' | awk '
        function number(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : 0 }
        { tests += number("tests"); failed += number("failures") + number("errors"); skipped += number("skipped"); files++ }
        END { print tests + 0, failed + 0, skipped + 0, files + 0 }')

passed=$((tests - failed - skipped))
while IFS= read -r project; do
    if ! grep -qs "<testsuite name=\"[^\"]*/$(basename "$project" .csproj).dll\"" "$results"/*.xml; then
        say "no result from $project: it did not run, or crashed"
        failed=$((failed + 1))
    fi
done < <(grep -l 'Include="xunit.v3"' tests/*/*.csproj)

if [ -e "$results/not-passed" ] && [ "$failed" -eq 0 ]; then
    say "ended badly although no test failed: $(tr '\n' ' ' <"$results/not-passed")"
    failed=1
fi
if [ "$failed" -eq 0 ] && [ "$passed" -eq 0 ]; then
    say "no test ran"
    failed=1
fi

if [ "$skipped" -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]

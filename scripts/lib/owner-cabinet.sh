# Functions for the scripts that run the Owner Cabinet's stand-in; sourced, not run.
#
# services_up DIR     PostgreSQL and Redis of our own, on free loopback ports, in DIR
# deploy DIR FAULTS   a fresh deployment (database, Redis, environment files) and its processes; FAULTS: a,b or empty
# undeploy DIR        ends the processes of a deployment
# services_down DIR   ends everything, and removes DIR

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

complain() { printf '%s\n' "$*" >&2; }

# The newest of the release and the debug build, unless the caller names one.
find_binary() { # NAME VARIABLE
  local given=${!2:-} candidate
  if [[ -n $given ]]; then
    [[ -x $given ]] || { complain "$2 is $given, which cannot be run"; return 1; }
    realpath "$given"
    return
  fi
  for candidate in "$root/.build/release/$1" "$root/.build/debug/$1"; do
    if [[ -x $candidate ]]; then printf '%s\n' "$candidate"; return; fi
  done
  complain "$1 is not built; mend: swift build -c release"
  return 1
}

need_tools() {
  local tool missing=()
  pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
  [[ -x $pg_bin/initdb ]] || missing+=(postgresql)
  command -v redis-server >/dev/null || missing+=(redis-server)
  if ((${#missing[@]})); then complain "missing: ${missing[*]}; mend: apt-get install ${missing[*]}"; return 1; fi
}

# PostgreSQL refuses to run as root. Takes the shell's place, so that $! of a background call is the program itself.
exec_as_postgres() {
  if ((EUID == 0)); then exec setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/tmp "$@"; fi
  exec "$@"
}
as_postgres() { (exec_as_postgres "$@"); }

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 20000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { printf '%s\n' "$port"; return; }
  done
}

wait_port() { # PORT SECONDS
  local deadline=$((SECONDS + $2))
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    ((SECONDS > deadline)) && return 1
    sleep 0.01
  done
}

services_up() {
  local dir=$1
  need_tools || return 1
  # Absolute, and reachable for the user that PostgreSQL runs as.
  mkdir -p "$dir/run" "$dir/services"
  chmod 755 "$dir" "$dir/services"
  ((EUID == 0)) && chown postgres "$dir/services"
  local pg_port redis_port
  pg_port=$(free_port)
  redis_port=$(free_port)
  as_postgres "$pg_bin/initdb" --pgdata="$dir/services/postgres" --username=cabinet --auth=trust --no-sync \
    --encoding=UTF8 --locale=C.UTF-8 >"$dir/services.log" 2>&1 || { cat "$dir/services.log" >&2; return 1; }
  exec_as_postgres "$pg_bin/postgres" -D "$dir/services/postgres" -p "$pg_port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$dir/services" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c max_connections=60 -c shared_buffers=64MB -c timezone=UTC >>"$dir/services.log" 2>&1 &
  printf '%s\n' $! >"$dir/run/postgres.pid"
  redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir "$dir/services" \
    --maxmemory-policy noeviction >>"$dir/services.log" 2>&1 &
  printf '%s\n' $! >"$dir/run/redis.pid"
  wait_port "$redis_port" 10 && wait_port "$pg_port" 20 || { tail -5 "$dir/services.log" >&2; return 1; }
  until as_postgres "$pg_bin/psql" -h 127.0.0.1 -p "$pg_port" -U cabinet -d postgres -qc 'SELECT 1' >/dev/null 2>&1; do
    sleep 0.02
  done
  postgres_url="postgresql://cabinet@127.0.0.1:$pg_port"
  redis_url="redis://127.0.0.1:$redis_port"
}

# One role, with nothing in its environment but what its file says.
start_role() { # DIR ROLE [ARGUMENT...]
  local dir=$1 role=$2
  shift 2
  (
    while IFS='=' read -r name _; do unset "$name"; done < <(cat "$dir/env/"{core,worker,web}.env)
    unset TESTBED_FAULTS
    set -a
    # shellcheck disable=SC1090
    . "$dir/env/$role.env"
    set +a
    exec "$testbed" "$role" --log "$dir/log/$role.log" "$@" </dev/null >>"$dir/log/$role.out" 2>&1
  ) &
  printf '%s\n' $! >"$dir/run/$role.pid"
}

deploy() {
  local dir=$1 faults=$2 arguments=()
  [[ -n $faults ]] && arguments=(--fault "$faults")
  # The faults of an earlier deployment are none of this one's.
  unset TESTBED_FAULTS
  "$testbed" provision --dir "$dir" --postgres "$postgres_url" --redis "$redis_url" \
    --migrations "$root/Testbed/OwnerCabinet/Migrations" "${arguments[@]}" || return 1
  set -a
  # shellcheck disable=SC1091
  . "$dir/env/checklist.env"
  TESTBED=$testbed
  TESTBED_FAULTS=$faults
  set +a
  start_role "$dir" telegram --port "$TELEGRAM_PORT" "${arguments[@]}"
  wait_port "$TELEGRAM_PORT" 10 || { role_failed "$dir" telegram; return 1; }
  # The order of the checklist: core, worker, web.
  start_role "$dir" core --port "$CORE_PORT" "${arguments[@]}"
  wait_port "$CORE_PORT" 10 || { role_failed "$dir" core; return 1; }
  case ",$faults," in *,worker-not-running,*) rm -f "$dir/run/worker.pid" ;; *) start_role "$dir" worker "${arguments[@]}" ;; esac
  start_role "$dir" web --port "$WEB_PORT" "${arguments[@]}"
  wait_port "$WEB_PORT" 10 || { role_failed "$dir" web; return 1; }
}

role_failed() { complain "$2 did not start:"; cat "$1/log/$2.out" >&2; }

# Ends the process whose id is in a file: asked first, then made to.
end_process() { # FILE [SIGNAL]
  local pid file=$1 tries=0
  [[ -s $file ]] || return 0
  pid=$(<"$file")
  rm -f "$file"
  kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
  while [[ -d /proc/$pid ]] && ! grep -q '^State:.*Z' "/proc/$pid/status" 2>/dev/null; do
    ((tries++ > 300)) && { kill -9 "$pid" 2>/dev/null; break; }
    sleep 0.01
  done
  wait "$pid" 2>/dev/null || true
}

undeploy() {
  local role
  for role in web worker core telegram; do end_process "$1/run/$role.pid"; done
}

services_down() {
  local dir=$1
  [[ -d $dir ]] || return 0
  undeploy "$dir"
  end_process "$dir/run/redis.pid"
  if [[ -s $dir/run/postgres.pid ]]; then
    # A fast shutdown; SIGTERM would wait for every client.
    end_process "$dir/run/postgres.pid" INT
  fi
  rm -rf "$dir"
}

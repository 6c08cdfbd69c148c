#!/usr/bin/env bash
# Starts the demo systems and Linkspan in front of them, walks through a short scenario and shows what came of it, then
# stays up until Ctrl-C. `./dev demo` builds and calls this.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: demo.sh BUILD_DIR [--once]
  BUILD_DIR  where linkspan and linkspan-systems are
  --once     end after the scenario
Exits with 1 if a step of the scenario did not turn out as it should.
USAGE
}

readonly here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly key=shop-demo-key # its SHA-256 is in linkspan.yaml
build= once=
for argument in "$@"; do
  case "$argument" in
    --once) once=1 ;;
    -h | --help) usage && exit ;;
    -*) usage >&2 && exit 2 ;;
    *) build=$argument ;;
  esac
done
[ -n "$build" ] || { usage >&2; exit 2; }
for program in linkspan linkspan-systems; do
  [ -x "$build/$program" ] || { echo "demo: $build/$program is missing; ./dev build makes it" >&2; exit 1; }
done

if [ -t 1 ]; then
  readonly bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
  readonly bold= dim= green= red= plain=
fi

# ---------------------------------------------------------------- what is started is ended, whatever happens
scratch=$(mktemp -d -t linkspan-demo.XXXXXX)
pids=()
cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'echo; exit 130' INT
trap 'exit 129' HUP
trap 'exit 141' PIPE
trap 'exit 143' TERM

give_up() {
  echo "demo: $1" >&2
  [ -z "${2:-}" ] || tail -n 20 "$2" >&2
  exit 1
}

# ---------------------------------------------------------------- ports: the ones of linkspan.yaml, or others if taken
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

declare -A port=([gateway]=8080 [admin]=8081 [control]=7000 [shop]=7001 [customers]=7002 [stock1]=7003 [stock2]=7004
  [crm]=7005 [payments]=7006 [mail]=7007)
substitutions=(-e "s|sqlite:shop.db|sqlite:$scratch/shop.db|")
next_port=18080
for name in gateway admin control shop customers stock1 stock2 crm payments mail; do
  wanted=${port[$name]}
  is_taken "$wanted" || continue
  while is_taken $next_port; do next_port=$((next_port + 1)); done
  echo "Port $wanted ($name) is taken; the demo uses $next_port instead."
  port[$name]=$next_port
  substitutions+=(-e "s/127\.0\.0\.1:$wanted\b/127.0.0.1:$next_port/g")
  next_port=$((next_port + 1))
done
readonly config=$scratch/linkspan.yaml build_shown=${build/#"$PWD/"/} # with a store of its own
sed "${substitutions[@]}" "$here/linkspan.yaml" >"$config"
ln -s "$here/specs" "$scratch/specs"
at() { echo "127.0.0.1:${port[$1]}"; }
readonly gateway=http://$(at gateway) admin=http://$(at admin) control=http://$(at control)/_control

# ---------------------------------------------------------------- start
"$build/linkspan-systems" --shop "$(at shop)" --customers "$(at customers)" --stock "$(at stock1),$(at stock2)" \
  --crm "$(at crm)" --payments "$(at payments)" --mail "$(at mail)" --control "$(at control)" >"$scratch/systems.log" 2>&1 &
pids+=($!)
wait_for() { # NAME PID URL LOG: until the URL answers 200
  local deadline=$((SECONDS + 60))
  while [ $SECONDS -lt $deadline ]; do
    curl -sf -o /dev/null --max-time 5 "$3" 2>/dev/null && return
    kill -0 "$2" 2>/dev/null || give_up "$1 ended:" "$4"
    sleep 0.05
  done
  give_up "$1 does not become ready:" "$4"
}
wait_for "the demo systems" "${pids[0]}" "$control" "$scratch/systems.log"
start_linkspan() {
  "$build/linkspan" run -c "$config" >>"$scratch/linkspan.log" 2>&1 &
  pids[1]=$!
  wait_for Linkspan "${pids[1]}" "$admin/readyz" "$scratch/linkspan.log"
}
start_linkspan

# ---------------------------------------------------------------- the scenario
failed=
step() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
# Sends a request and keeps what came of it in $status, $head and $body.
send() {
  local argument line='$ curl'
  for argument in "$@"; do
    [[ $argument =~ ^[A-Za-z0-9_./:-]+$ ]] || argument="'$argument'"
    line+=" $argument"
  done
  printf '  %s%s%s\n' "$dim" "$line" "$plain"
  status=$(curl -sS --max-time 10 -D "$scratch/head" -o "$scratch/body" -w '%{http_code}' "$@" 2>"$scratch/curl") || true
  head=$(tr -d '\r' <"$scratch/head" 2>/dev/null || true)
  body=$(cat "$scratch/body" "$scratch/curl" 2>/dev/null || true)
  rm -f "$scratch/head" "$scratch/body"
}
field() { sed -n "s/^$1: //Ip" <<<"$head" | head -n 1; }
show() { # the status and the body, cut where it gets long
  local text=${body//$'\n'/ }
  [ ${#text} -le 400 ] || text=${text:0:397}...
  printf '  %s %s\n' "$status" "$text"
}
expect() { # WHAT EXPRESSION: a check mark if the shell finds it true
  local what=$1 expression=$2
  if eval "$expression"; then
    printf '  %s✓%s %s\n' "$green" "$plain" "$what"
  else
    printf '  %s✗ %s%s\n' "$red" "$what" "$plain"
    failed=1
  fi
}
body_has() { grep -qF -- "$1" <<<"$body"; }

place_and_read_an_order() {
  step "An order is placed through the gateway, with an API key"
  send "$gateway/orders" -H "X-Api-Key: $key" -H 'Content-Type: application/json' \
    -d '{"customer":{"id":"c-1001"},"lines":[{"sku":"mug","qty":2,"price":1250}]}'
  show
  expect "the shop took it: 201, total 2500" '[ "$status" = 201 ] && body_has "\"total\":2500"'
  local order
  order=$(sed -n 's/.*"id":"\(o-[0-9]*\)".*/\1/p' <<<"$body")

  step "It is read back"
  send "$gateway/orders/$order" -H "X-Api-Key: $key"
  show
  expect "order $order is there: 200" '[ "$status" = 200 ] && body_has "\"id\":\"$order\""'
}

refuse_a_stranger() {
  step "A caller without a key is refused"
  send "$gateway/orders"
  show
  expect "401 and a problem document that says why" \
    '[ "$status" = 401 ] && [ "$(field Content-Type)" = application/problem+json ] && body_has credentials-missing'
}

readonly requests=16 # so many that chance does not send them all to one server
count_answers() {    # how many were 200, and which server gave them
  ok=0 by_first=0 by_second=0
  local i
  for ((i = 0; i < requests; i++)); do
    [ "$(curl -s --max-time 10 -D "$scratch/head" -o "$scratch/body" -w '%{http_code}' "$gateway/items/mug")" = 200 ] &&
      ok=$((ok + 1))
    case "$(tr -d '\r' <"$scratch/head" | sed -n 's/^X-Served-By: //Ip')" in
      "$(at stock1)") by_first=$((by_first + 1)) ;;
      "$(at stock2)") by_second=$((by_second + 1)) ;;
    esac
  done
  printf '  %s x GET /items/mug: %s answered with 200; %s by %s, %s by %s\n' $requests "$ok" "$by_first" "$(at stock1)" \
    "$by_second" "$(at stock2)"
}

stop_a_server() {
  step "Stock has two servers; both answer"
  count_answers
  expect "both take a part of the requests" '[ $ok = $requests ] && [ $by_first -gt 0 ] && [ $by_second -gt 0 ]'

  step "One of them is stopped"
  send -X POST "$control/down?system=stock" -d "{\"listener\":\"$(at stock1)\"}"
  expect "$(at stock1) is down" '[ "$status" = 204 ] && ! is_taken ${port[stock1]}'
  count_answers
  expect "nobody notices: the second server answers" '[ $ok = $requests ] && [ $by_second = $requests ]'

  step "It comes back"
  send -X POST "$control/up?system=stock"
  local i
  for ((i = 0; i < 20; i++)); do
    sleep 0.5
    count_answers >"$scratch/counts"
    [ "$by_first" = 0 ] || break
  done
  cat "$scratch/counts"
  expect "the health checks found it, and it answers again" '[ $ok = $requests ] && [ $by_first -gt 0 ]'
}

end_in_order() {
  step "Both end when they are told to"
  local systems=${pids[0]} linkspan=${pids[1]}
  pids=()
  kill -TERM "$linkspan" "$systems" || true
  wait "$linkspan" && linkspan=0 || linkspan=$?
  wait "$systems" && systems=0 || systems=$?
  expect "Linkspan: exit status $linkspan" "[ $linkspan = 0 ]"
  expect "the systems: exit status $systems" "[ $systems = 0 ]"
}

# shellcheck source=orders.sh
. "$here/orders.sh"

step "Linkspan is up"
cat <<END
  gateway  $gateway        config: examples/shop/linkspan.yaml
  admin    $admin/metrics  and /status
  systems  $control
END
place_and_read_an_order
refuse_a_stranger
stop_a_server
durable_orders
[ -z "$once" ] || end_in_order
echo
if [ -n "$failed" ]; then
  echo "${red}Something did not turn out as it should.${plain} The last lines of the systems and of Linkspan:"
  tail -n 30 "$scratch/systems.log" "$scratch/linkspan.log"
  exit 1
fi
echo "${green}All of it turned out as it should.${plain}"
[ -z "$once" ] || exit 0

cat <<END

${bold}Worth pasting into another terminal${plain}
  curl -i $gateway/items
  curl -i $gateway/customers/c-1001 -H 'X-Api-Key: $key'
  curl -i $gateway/crm/c-1001 -H 'X-Api-Key: $key'
  curl -i $gateway/orders -H 'Accept: application/xml'
  curl $admin/metrics
  # the next five answers of stock take 400 ms; see what the access log says of it
  curl -X POST '$control/faults?system=stock' -d '{"path":"/items","latency_ms":400,"count":5}'
  $build_shown/linkspan explain GET /orders/o-1 -H 'X-Api-Key: $key' -c $config
  # the runs of the order intake, one of them line by line, and what they would do with a changed flow
  $build_shown/linkspan runs list -c $config
  $build_shown/linkspan runs show $run -c $config
  $build_shown/linkspan runs rehearse --flow $config -c $config

The access log follows. Ctrl-C ends the demo.
END
trap 'echo; exit 0' INT
tail -n 0 -f "$scratch/linkspan.log" &
pids+=($!)
wait "${pids[1]}" || give_up "Linkspan ended:" "$scratch/linkspan.log"

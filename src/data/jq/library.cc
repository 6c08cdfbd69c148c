#include "data/jq/library.h"

namespace linkspan::data::jq {

const std::string_view kLibrary = R"jq(
def map(f): [.[] | f];
def select(f): if f then . else empty end;
def recurse(f): def r: ., (f | r); r;
def recurse: recurse(.[]?);
def recurse(f; condition): def r: ., (f | select(condition) | r); r;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isinfinite or isnan | not);
def normals: select(isnormal);

def _assign(paths; $value): reduce path(paths) as $p (.; setpath($p; $value));
def map_values(f): .[] |= f;
def del(f): delpaths([path(f)]);
def paths: path(..) | select(length > 0);
def paths(node_filter): . as $top | paths | select(. as $p | $top | getpath($p) | node_filter);
def leaf_paths: paths(scalars);
def pick(f): . as $top | reduce path(f) as $p (null; setpath($p; $top | getpath($p)));
def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];
def from_entries:
  reduce .[] as $x ({};
    .[$x | if .key == false then false else .key // .k // .name // .Name // .K // .Key end
         | if type == "string" then . else tojson end] =
      ($x | if has("value") then .value elif has("v") then .v elif has("Value") then .Value else .V end));
def with_entries(f): to_entries | map(f) | from_entries;
def walk(f): def w: if type == "object" then map_values(w) elif type == "array" then map(w) else . end | f; w;

def range($upto): range(0; $upto);
def range($from; $upto; $by):
  if $by > 0 then $from | while(. < $upto; . + $by)
  elif $by < 0 then $from | while(. > $upto; . + $by)
  else empty end;
def while(condition; update): def w: if condition then ., (update | w) else empty end; w;
def until(condition; update): def u: if condition then . else update | u end; u;
def repeat(update): def r: ., (update | r); r;
def first(f): label $out | (f | ., break $out);
def first: .[0];
def last: .[-1];
def last(f): reduce f as $x ([]; [$x]) | .[];
def isempty(g): label $go | (g | false, break $go), true;
def limit($n; f):
  if $n > 0 then label $out | foreach f as $x (0; . + 1; $x, if . >= $n then break $out else empty end)
  elif $n == 0 then empty
  else error("limit doesn't support negative count") end;
def skip($n; f):
  if $n > 0 then foreach f as $x ($n; . - 1; if . < 0 then $x else empty end)
  elif $n == 0 then f
  else error("skip doesn't support negative count") end;
def nth($n): .[$n];
def nth($n; f):
  if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; f)) end;
def any(generator; condition): isempty(first(generator | condition | select(.))) | not;
def all(generator; condition): isempty(first(generator | condition | select(. | not)));
def any: any(.[]; .);
def all: all(.[]; .);
def any(condition): any(.[]; condition);
def all(condition): all(.[]; condition);
def isvalid(f): try (f | true) catch false;
def add(f): reduce f as $x (null; . + $x);
def in(xs): . as $x | xs | has($x);
def inside(xs): . as $x | xs | contains($x);
def combinations:
  if length == 0 then [] else .[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;
def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;

def sort_by(f): _sort_by(map([f]));
def group_by(f): _group_by(map([f]));
def unique_by(f): _unique_by(map([f]));
def min_by(f): _min_by(map([f]));
def max_by(f): _max_by(map([f]));
def unique: unique_by(.);
def transpose:
  if . == [] then [] else . as $in | (map(length) | max) as $max
  | [range(0; $max) as $j | [range(0; $in | length) as $i | $in[$i][$j]]] end;
def ascii: [.] | implode;
def toarray: if type == "array" then . else [.] end;
def indices($i):
  if type == "array" and ($i | type) == "array" then .[$i]
  elif type == "array" then .[[$i]]
  elif . == null then null
  else _strindices($i) end;
def index($i): indices($i) | .[0];
def rindex($i): indices($i) | .[-1:][0];

def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdateiso8601: strptime("%Y-%m-%dT%H:%M:%SZ") | mktime;
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def fromdate: fromdateiso8601;
def date: todate;
def dateadd(u; n): . + n;
def datesub(u; n): . - n;

def tostream: path(def r: (.[]?|r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
def fromstream(f):
  {x: null, e: false} as $init
  | foreach f as $i ($init;
      if .e then $init else . end
      | if $i | length == 2
        then setpath(["e"]; $i[0] | length == 0) | setpath(["x"] + $i[0]; $i[1])
        else setpath(["e"]; $i[0] | length == 1) end;
      if .e then .x else empty end);
def truncate_stream(stream):
  . as $n | null | stream | . as $input
  | if (.[0] | length) > $n then setpath([0]; .[0][$n:]) else empty end;

def match($re; $flags): _match($re; $flags; false) | .[];
def match($value):
  ($value | type) as $vt
  | if $vt == "string" then match($value; null)
    elif $vt == "array" and ($value | length) > 1 then match($value[0]; $value[1])
    elif $vt == "array" and ($value | length) > 0 then match($value[0]; null)
    else error($vt + " not a string or array") end;
def test($re; $flags): _match($re; $flags; true);
def test($value):
  ($value | type) as $vt
  | if $vt == "string" then test($value; null)
    elif $vt == "array" and ($value | length) > 1 then test($value[0]; $value[1])
    elif $vt == "array" and ($value | length) > 0 then test($value[0]; null)
    else error($vt + " not a string or array") end;
def _captures: [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture($re; $flags): match($re; $flags) | _captures;
def capture($value): match($value) | _captures;
def scan($re; $flags):
  match($re; "g" + $flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def scan($re): scan($re; null);
def split($re; $flags): _match($re; $flags + "g"; false) as $matches | _split_at($matches);
def splits($re; $flags): split($re; $flags) | .[];
def splits($re): splits($re; null);
def sub($re; str; $flags):
  _match($re; $flags; false) as $matches | _replace($matches; [$matches[] | _captures | [str]]) | .[];
def sub($re; str): sub($re; str; "");
def gsub($re; str; $flags): sub($re; str; $flags + "g");
def gsub($re; str): sub($re; str; "g");

def INDEX(stream; key): reduce stream as $row ({}; .[$row | key | tostring] |= $row);
def INDEX(key): INDEX(.[]; key);
def JOIN($idx; key): [.[] | [., $idx[key]]];
def JOIN($idx; stream; key): stream | [., $idx[key]];
def JOIN($idx; stream; key; join_expr): stream | [., $idx[key]] | join_expr;
def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def debug(message): (message | debug | empty), .;
def have_literal_numbers: true;
def have_decnum: true;
)jq";

}  // namespace linkspan::data::jq

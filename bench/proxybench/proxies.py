"""The proxies under test, each with the same duties: API keys, rate limit per consumer, request id both ways,
forwarding headers, metrics and a JSON access log, and tuned as an engineer who knows it would."""

import dataclasses
import hashlib
import os
import pathlib
import re
import time
import urllib.request

from figures import BenchError

from .system import family, free_port, wait_for_port

NOTHING_REFUSED_PER_SECOND = 1_000_000
UPSTREAM_IDLE_CONNECTIONS = 256
LOG_WAIT_SECONDS = 5


def key_of(index):
    return "lsk_" + hashlib.sha256(f"bench-key-{index}".encode()).hexdigest()[:40]


def route_path(index, item="{id}"):
    return f"/services/s{index}/items/{item}"


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a proxy is configured for."""
    upstream_port: int
    keys: int = 1000                               # as many consumers, one key each
    routes: int = 1
    rate_per_second: int = NOTHING_REFUSED_PER_SECOND  # of each consumer
    burst: int = NOTHING_REFUSED_PER_SECOND
    certificate: tuple | None = None               # paths of certificate and key: TLS 1.3 to the client
    body_bytes: int = 256                          # of most answers; buffers are sized to it


class Proxy:
    """A running proxy. Its files are in a directory of its own; `access_log` gets what it logs of requests."""
    name = ""

    def __init__(self, bench, setup, label):
        self.setup = setup
        self.port = free_port()
        self.admin_port = free_port()
        self.directory = pathlib.Path(bench.directory, f"{self.name}-{label}")
        self.directory.mkdir()
        self.access_log = self.directory / "access.log"
        output = self.directory / "output.log"
        self._processes = bench.processes
        with open(output, "ab") as stream:
            self.process = bench.processes.start(self._prepare(bench), bench.proxy_core, stream, cwd=self.directory)
        wait_for_port(self.port, self.process, self.name, output)
        wait_for_port(self.admin_port, self.process, self.name, output)

    def _prepare(self, bench):
        """Writes the configuration and returns the command that runs the proxy in the foreground."""
        raise NotImplementedError

    def _write(self, name, text):
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def stop(self):
        self._processes.stop(self.process)

    def pids(self):
        return family(self.process.pid)

    def requests_counted(self):
        """The proxy's own count of requests so far, from its metrics; 0 where they show none."""
        page = urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{self.metrics_path}", timeout=10).read()
        found = re.findall(self.metrics_pattern, page.decode(), re.MULTILINE)
        return sum(int(float(count)) for count in found)

    def log_text(self):
        return self.access_log.read_bytes().decode("utf-8", "replace") if self.access_log.exists() else ""

    def check_logged(self, requests):
        """A BenchError unless the access log has (soon) a line for each of `requests` since it was emptied."""
        deadline = time.monotonic() + LOG_WAIT_SECONDS
        while (lines := self._count_log_lines()) < requests:
            if time.monotonic() > deadline:
                raise BenchError(f"{self.name}: under load, {requests - lines} of {requests} requests were not logged")
            time.sleep(0.2)

    def _count_log_lines(self):
        with open(self.access_log, "rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def empty_log(self):
        os.truncate(self.access_log, 0)


class Nginx(Proxy):
    """One worker; nothing is computed that the duties do not ask for."""
    name = "nginx"
    metrics_path = "/status"
    metrics_pattern = r"^ \d+ \d+ (\d+) $"

    def _prepare(self, bench):
        setup = self.setup
        keys = "".join(f'    "{key_of(i)}" "c{i}";\n' for i in range(setup.keys))
        buffer_kib = max(4, 4 * -(-setup.body_bytes // 4096))
        listen = f"listen 127.0.0.1:{self.port} reuseport backlog=4096"
        if setup.certificate:
            listen += (f" ssl;\n    ssl_certificate {setup.certificate[0]};\n"
                       f"    ssl_certificate_key {setup.certificate[1]};\n    ssl_protocols TLSv1.3;\n"
                       "    ssl_session_cache shared:tls:10m;\n    ssl_session_timeout 1h")
        config = f"""daemon off;
worker_processes 1;
worker_rlimit_nofile {bench.descriptor_limit};
pid nginx.pid;
error_log stderr error;
{"user root;" if os.geteuid() == 0 else ""}
events {{
  use epoll;
  multi_accept on;
  accept_mutex off;
  worker_connections {min(bench.descriptor_limit - 500, 12000)};
}}
http {{
  client_body_temp_path temp-body;
  proxy_temp_path temp-proxy;
  fastcgi_temp_path temp-fastcgi;
  uwsgi_temp_path temp-uwsgi;
  scgi_temp_path temp-scgi;

  log_format access escape=json
    '{{"time":"$time_iso8601","request_id":"$request_id","client":"$remote_addr","consumer":"$consumer",'
    '"method":"$request_method","path":"$request_uri","status":$status,"bytes_out":$body_bytes_sent,'
    '"duration":$request_time,"upstream":"$upstream_addr","upstream_duration":"$upstream_response_time"}}';
  access_log {self.access_log} access buffer=64k flush=1s;

  tcp_nodelay on;
  server_tokens off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;

  map_hash_max_size {max(2048, 4 * setup.keys)};
  map_hash_bucket_size 128;
  map $http_x_api_key $consumer {{
    default "";
{keys}  }}
  limit_req_zone $consumer zone=consumers:16m rate={setup.rate_per_second}r/s;
  limit_req_status 429;

  upstream backend {{
    server 127.0.0.1:{setup.upstream_port};
    keepalive {UPSTREAM_IDLE_CONNECTIONS};
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
  }}
  server {{
    {listen};
    location /services/ {{
      if ($consumer = "") {{ return 401; }}
      limit_req zone=consumers burst={setup.burst} nodelay;
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header X-Request-Id $request_id;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $host;
      proxy_buffer_size {buffer_kib}k;
      proxy_buffers 8 {buffer_kib}k;
      proxy_busy_buffers_size {2 * buffer_kib}k;
      add_header X-Request-Id $request_id always;
    }}
  }}
  server {{
    listen 127.0.0.1:{self.admin_port};
    access_log off;
    location = {self.metrics_path} {{ stub_status; }}
  }}
}}
"""
        return ["nginx", "-p", self.directory, "-c", self._write("nginx.conf", config), "-e", "stderr"]


class HAProxy(Proxy):
    """One thread. The access log goes to a ring that is mapped from a file: like nginx's buffered file, it costs no
    system call per request, and it is the cheapest way that HAProxy has of logging to a file."""
    name = "haproxy"
    metrics_path = "/metrics"
    metrics_pattern = r'^haproxy_frontend_http_requests_total\{proxy="gateway"\} (\S+)'

    def _prepare(self, bench):
        setup = self.setup
        keys = self._write("keys.map", "".join(f"{key_of(i)} c{i}\n" for i in range(setup.keys)))
        tls = ""
        if setup.certificate:
            pem = self._write("site.pem", "".join(
                pathlib.Path(path).read_text(encoding="ascii") for path in setup.certificate))
            tls = f" ssl crt {pem} ssl-min-ver TLSv1.3"
        config = f"""global
  nbthread 1
  maxconn {min(bench.descriptor_limit // 2 - 100, 12000)}
  tune.bufsize {max(16384, setup.body_bytes + 4096)}
  ssl-server-verify none

ring accesslog
  format raw
  maxlen 2048
  size 16777216
  backing-file {self.access_log}

defaults
  mode http
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
  option http-keep-alive
  option forwardfor
  http-reuse always

frontend gateway
  bind 127.0.0.1:{self.port}{tls} backlog 4096
  unique-id-format %[uuid()]
  unique-id-header X-Request-Id
  log ring@accesslog local0 info
  log-format '{{"time":"%tr","request_id":"%ID","client":"%ci","consumer":"%[var(txn.consumer)]","method":"%HM","path":"%HPO","status":%ST,"bytes_out":%B,"duration":%Ta,"upstream":"%si:%sp","upstream_duration":%Tr}}'
  http-request set-var(txn.consumer) req.hdr(X-Api-Key),map_str({keys})
  http-request return status 401 unless {{ var(txn.consumer) -m found }}
  http-request track-sc0 var(txn.consumer) table consumers
  http-request return status 429 if {{ sc_http_req_rate(0) gt {setup.rate_per_second} }}
  http-request set-header X-Forwarded-Proto {"https" if setup.certificate else "http"}
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-response set-header X-Request-Id %[unique-id]
  default_backend backend

backend consumers
  stick-table type string len 32 size 200k expire 10m store http_req_rate(1s)

backend backend
  server s1 127.0.0.1:{setup.upstream_port} pool-max-conn {UPSTREAM_IDLE_CONNECTIONS} pool-purge-delay 1h

frontend admin
  bind 127.0.0.1:{self.admin_port}
  http-request use-service prometheus-exporter if {{ path {self.metrics_path} }}
"""
        return ["haproxy", "-db", "-f", self._write("haproxy.cfg", config)]

    def check_logged(self, requests):
        """The ring holds the last lines only; that they are there was checked before."""

    def empty_log(self):
        """The ring has a fixed size."""


class Linkspan(Proxy):
    """One worker. The access log holds the same fields as the others'."""
    name = "linkspan"
    metrics_path = "/metrics"
    metrics_pattern = r"^linkspan_http_requests_total(?:\{[^}]*\})? (\S+)"

    def _prepare(self, bench):
        setup = self.setup
        listen = f"{{ url: http://127.0.0.1:{self.port} }}"
        if setup.certificate:
            listen = (f"{{ url: https://127.0.0.1:{self.port}, certificate: {setup.certificate[0]}, "
                      f"key: {setup.certificate[1]}, min_version: \"1.3\" }}")
        consumers = "".join(
            f"  c{i}: {{ keys: [{{ id: k{i}, sha256: {hashlib.sha256(key_of(i).encode()).hexdigest()} }}] }}\n"
            for i in range(setup.keys))
        rate = f"{{ limit: {setup.rate_per_second}/s, burst: {setup.burst}, per: consumer }}"
        endpoints = "".join(
            f"  s{i}: {{ path: \"{route_path(i)}\", methods: [GET], auth: [key], rate: {rate}, "
            "proxy: { api: backend } }\n" for i in range(setup.routes))
        config = f"""listen: [{listen}]
admin: http://127.0.0.1:{self.admin_port}
workers: 1
log:
  format: json
  access:
    output: {self.access_log}
    fields: [time, request_id, client, consumer, method, path, status, bytes_out, duration, upstream, phases]
limits: {{ idle_timeout: 1h }}
apis:
  backend:
    servers: [http://127.0.0.1:{setup.upstream_port}]
    pool: {{ max_idle_per_worker: {UPSTREAM_IDLE_CONNECTIONS}, idle_timeout: 1h }}
auth:
  key: {{ api_key: {{ header: X-Api-Key }} }}
consumers:
{consumers}endpoints:
{endpoints}"""
        return [bench.linkspan, "run", "-c", self._write("linkspan.yaml", config)]


class NginxUpstream:
    """The upstream of the `wrk` mode and of the checks: nginx on the load's core, with fixed answers. Port `port`
    answers plainly; `echo_port` also tells in X-Seen-Request-Id which request id it was sent."""

    def __init__(self, bench, body_bytes=256):
        self.port = free_port()
        self.echo_port = free_port()
        directory = pathlib.Path(bench.directory, "upstream")
        directory.mkdir()
        answer = f"default_type application/json;\n    return 200 '{'x' * body_bytes}';"
        config = f"""daemon off;
worker_processes 1;
pid upstream.pid;
error_log stderr error;
{"user root;" if os.geteuid() == 0 else ""}
events {{ worker_connections 4096; multi_accept on; }}
http {{
  client_body_temp_path temp-body;
  proxy_temp_path temp-proxy;
  fastcgi_temp_path temp-fastcgi;
  uwsgi_temp_path temp-uwsgi;
  scgi_temp_path temp-scgi;
  access_log off;
  keepalive_timeout 1h;
  keepalive_requests 1000000000;
  server {{ listen 127.0.0.1:{self.port} backlog=4096; location / {{
    {answer}
  }} }}
  server {{ listen 127.0.0.1:{self.echo_port}; location / {{
    add_header X-Seen-Request-Id $http_x_request_id;
    {answer}
  }} }}
}}
"""
        path = directory / "nginx.conf"
        path.write_text(config, encoding="utf-8")
        output = directory / "output.log"
        with open(output, "ab") as stream:
            process = bench.processes.start(["nginx", "-p", directory, "-c", path, "-e", "stderr"], bench.load_core,
                                            stream)
        wait_for_port(self.port, process, "the upstream nginx", output)
        self.pids = family(process.pid)

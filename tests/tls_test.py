"""TLS on both sides with real peers: openssl s_client and curl in front, nginx behind."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from conftest import Process, always, free_port, raw_exchange, wait_until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")


def openssl(*arguments, cwd):
    done = subprocess.run(["openssl", *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def make_ca(directory, name="ca"):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2, "-subj",
            f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem", cwd=directory)


def make_certificate(directory, name, *hosts, ca="ca", common_name=None):
    names = ",".join(f"IP:{h}" if re.fullmatch(r"[0-9.]+", h) else f"DNS:{h}" for h in hosts)
    (directory / f"{name}.ext").write_text(f"subjectAltName={names}\n" if names else "")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            f"/CN={common_name or name}", "-keyout", f"{name}.key", "-out", f"{name}.csr", cwd=directory)
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial", "-days", 2,
            "-extfile", f"{name}.ext", "-out", f"{name}.pem", cwd=directory)


@pytest.fixture
def certificates(tmp_path):
    make_ca(tmp_path)
    make_certificate(tmp_path, "site", "site.example", "127.0.0.1")
    make_certificate(tmp_path, "other", "other.example", "*.wild.example")
    return tmp_path


def tls_config(port, more=""):
    return f"""
listen:
  - url: https://127.0.0.1:0
    certificates: [{{ certificate: site.pem, key: site.key }}, {{ certificate: other.pem, key: other.key }}]
{more}
admin: http://127.0.0.1:0
workers: 2
apis: {{ backend: {{ servers: [http://127.0.0.1:{port}] }} }}
endpoints: {{ all: {{ path: "/{{rest...}}", proxy: {{ api: backend }} }} }}
"""


def s_client(port, *options, cwd, request=b"GET / HTTP/1.1\r\nHost: site.example\r\nConnection: close\r\n\r\n"):
    """What openssl s_client prints, and what the server sent."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", "ca.pem", "-ign_eof", *options],
        cwd=cwd, input=request, capture_output=True, timeout=60,
    )
    return done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


@pytest.mark.parametrize("option,version", [("-tls1_3", "TLSv1.3"), ("-tls1_2", "TLSv1.2")])
def test_both_versions_and_their_alpn(linkspan, server, certificates, option, version):
    gateway = linkspan(tls_config(server().port))
    said = s_client(gateway.port, option, "-alpn", "h2,http/1.1", "-servername", "site.example", cwd=certificates)
    assert version in said and "Verify return code: 0 (ok)" in said and "ALPN protocol: http/1.1" in said
    assert re.search(r"\r?\n\r?\nhello", said), said
    assert gateway.wait_access(1)[0]["tls"] == version


def test_old_versions_are_refused(linkspan, server, certificates):
    gateway = linkspan(tls_config(server().port))
    said = s_client(gateway.port, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", cwd=certificates)
    assert "hello" not in said
    gateway.wait_metric("linkspan_handshake_failures_total", 1)


@pytest.mark.parametrize("name,subject", [
    ("site.example", "CN = site"), ("other.example", "CN = other"), ("a.wild.example", "CN = other"),
    ("unknown.example", "CN = site"),
])
def test_the_certificate_follows_the_name(linkspan, server, certificates, name, subject):
    gateway = linkspan(tls_config(server().port))
    assert f"subject={subject}" in s_client(gateway.port, "-servername", name, cwd=certificates)


@pytest.mark.parametrize("option", ["-tls1_3", "-tls1_2"])
def test_sessions_resume_on_any_worker(linkspan, server, certificates, option):
    gateway = linkspan(tls_config(server().port))
    first = s_client(gateway.port, option, "-sess_out", "session.pem", cwd=certificates)
    assert "New, TLSv1" in first
    for _ in range(6):
        assert "Reused, TLSv1" in s_client(gateway.port, option, "-sess_in", "session.pem", cwd=certificates)


def test_client_certificates(linkspan, server, certificates):
    make_ca(certificates, "partners")
    make_certificate(certificates, "partner", ca="partners")
    make_certificate(certificates, "stranger", ca="ca")
    gateway = linkspan(tls_config(server().port, more="    client_ca: partners.pem"))
    assert "hello" in s_client(gateway.port, "-cert", "partner.pem", "-key", "partner.key", cwd=certificates)
    assert "hello" not in s_client(gateway.port, cwd=certificates)
    assert "hello" not in s_client(gateway.port, "-cert", "stranger.pem", "-key", "stranger.key", cwd=certificates)


def test_a_renewed_certificate_is_taken_up_without_a_restart(linkspan, server, certificates):
    gateway = linkspan(tls_config(server().port))

    def serial():
        said = s_client(gateway.port, cwd=certificates)
        return re.search(r"subject=CN = (\S+)", said).group(1)

    assert serial() == "site"
    make_certificate(certificates, "renewed", "site.example", common_name="renewed")
    os.replace(certificates / "renewed.key", certificates / "site.key")
    os.replace(certificates / "renewed.pem", certificates / "site.pem")
    wait_until(lambda: serial() == "renewed", "the renewed certificate")


def test_a_key_that_does_not_fit_is_refused_at_start(certificates, server, processes, linkspan):
    shutil.copy(certificates / "other.key", certificates / "site.key")
    process = linkspan(tls_config(server().port), wait=False)
    assert process.wait() != 0
    assert "site.pem" in process.err() or "site.key" in process.err()


def test_large_answers_over_tls(linkspan, server, certificates):
    body = os.urandom(2_000_000)
    gateway = linkspan(tls_config(server(always(body)).port))
    done = subprocess.run(
        ["curl", "-sS", "--cacert", "ca.pem", "--resolve", f"site.example:{gateway.port}:127.0.0.1",
         "--data-binary", "@-", f"https://site.example:{gateway.port}/"],
        cwd=certificates, input=body, capture_output=True, timeout=60,
    )
    assert done.stdout == body, done.stderr


@pytest.fixture
def nginx_https(certificates, processes):
    """nginx with the certificate `name`, answering "from nginx" over TLS; returns its port."""
    if NGINX is None:
        pytest.skip("nginx is not installed: ./dev setup installs it")

    def start(name):
        port = free_port()
        (certificates / "nginx.conf").write_text(f"""
worker_processes 1; pid nginx.pid; error_log nginx.log; daemon off; master_process off;
events {{ worker_connections 256; }}
http {{
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {name}.pem; ssl_certificate_key {name}.key;
    location / {{ return 200 "from nginx to $ssl_server_name"; }}
  }}
}}
""")
        process = Process([NGINX, "-p", str(certificates), "-c", "nginx.conf", "-e", "nginx.log"], certificates, "nginx")
        processes.append(process)

        def listening():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listening, "nginx to listen")
        return port

    return start


def upstream_config(port, tls):
    return f"""
listen: http://127.0.0.1:0
workers: 1
apis: {{ secure: {{ servers: ["https://127.0.0.1:{port}"], retry: {{ attempts: 1 }}, tls: {{ {tls} }} }} }}
endpoints: {{ all: {{ path: "/{{rest...}}", proxy: {{ api: secure }} }} }}
"""


def test_an_upstream_is_verified(linkspan, certificates, nginx_https):
    port = nginx_https("site")
    gateway = linkspan(upstream_config(port, "ca: ca.pem"))
    assert gateway.get("/").body.startswith(b"from nginx")
    for _ in range(5):
        assert gateway.get("/").status == 200


def test_an_upstream_whose_name_is_wrong_is_refused(linkspan, certificates, nginx_https):
    gateway = linkspan(upstream_config(nginx_https("other"), "ca: ca.pem"))
    reply = gateway.get("/")
    assert reply.status == 502 and reply.json()["type"] == "urn:linkspan:error:upstream-tls-failed"
    gateway_named = upstream_config(nginx_https("other"), "ca: ca.pem, server_name: other.example")
    (certificates / "named").mkdir()
    shutil.copy(certificates / "ca.pem", certificates / "named" / "ca.pem")
    assert linkspan(gateway_named, directory=certificates / "named").get("/").body == b"from nginx to other.example"


def test_an_unknown_authority_is_refused_unless_told_otherwise(linkspan, certificates, nginx_https):
    port = nginx_https("site")
    gateway = linkspan(upstream_config(port, "verify: true"))
    reply = gateway.get("/")
    assert reply.status == 502 and reply.json()["type"] == "urn:linkspan:error:upstream-tls-failed"
    (certificates / "trusting").mkdir()
    trusting = linkspan(upstream_config(port, "verify: false"), directory=certificates / "trusting")
    assert trusting.get("/").status == 200


def test_plain_http_on_a_tls_port_disturbs_nobody(linkspan, server, certificates):
    gateway = linkspan(tls_config(server().port))
    raw_exchange(gateway.port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert "hello" in s_client(gateway.port, cwd=certificates)

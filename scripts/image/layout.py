"""Writes an OCI image layout of one program, with the same bytes each time: no Docker, no base image, no root.

usage: layout.py PROGRAM VERSION FOLDER [CERTIFICATES]

The folder can be pushed as it is: `skopeo copy oci:FOLDER docker://REGISTRY/NAME:VERSION` or `oras cp --from-oci-layout FOLDER:VERSION …`.
"""

import gzip
import hashlib
import io
import json
import pathlib
import platform
import sys
import tarfile

# A user of no name, as distroless images have it.
USER = 65532
# Whoever cloned what is mounted is another user, and nobody but chartgate, which runs nothing of a repository's, looks at it here.
SAFE = ["GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"]
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def entry(name, kind, mode, size=0, owner=0):
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.size, info.uid, info.gid = kind, mode, size, owner, owner
    return info


def layer(program, certificates):
    """The file system: the program, the certificates of authorities, and a folder to work in."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for folder in ("etc", "etc/ssl", "etc/ssl/certs"):
            tar.addfile(entry(folder, tarfile.DIRTYPE, 0o755))
        files = [("chartgate", 0o755, program), ("etc/ssl/certs/ca-certificates.crt", 0o644, certificates)]
        for name, mode, data in files:
            tar.addfile(entry(name, tarfile.REGTYPE, mode, len(data)), io.BytesIO(data))
        for folder, mode in (("work", 0o755), ("tmp", 0o1777)):
            tar.addfile(entry(folder, tarfile.DIRTYPE, mode, owner=USER))
    return buffer.getvalue()


class Layout:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "blobs/sha256").mkdir(parents=True, exist_ok=True)

    def blob(self, data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        (self.folder / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def document(self, value, media_type):
        return self.blob(json.dumps(value, sort_keys=True).encode(), media_type)

    def file(self, name, value):
        (self.folder / name).write_text(json.dumps(value, sort_keys=True))


def main(program, version, folder, certificates="/etc/ssl/certs/ca-certificates.crt"):
    files = layer(pathlib.Path(program).read_bytes(), pathlib.Path(certificates).read_bytes())
    layout = Layout(folder)
    packed = layout.blob(gzip.compress(files, compresslevel=6, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip")
    architecture = ARCHITECTURES[platform.machine()]
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {
            "Entrypoint": ["/chartgate"],
            "Env": ["PATH=/", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", *SAFE],
            "User": f"{USER}:{USER}",
            "WorkingDir": "/work",
            "Labels": {
                "org.opencontainers.image.source": "https://github.com/chartgate/chartgate",
                "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
                "org.opencontainers.image.version": version,
            },
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(files).hexdigest()]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": layout.document(config, "application/vnd.oci.image.config.v1+json"),
        "layers": [packed],
    }
    described = layout.document(manifest, manifest["mediaType"])
    described["annotations"] = {"org.opencontainers.image.ref.name": version}
    described["platform"] = {"architecture": architecture, "os": "linux"}
    layout.file("oci-layout", {"imageLayoutVersion": "1.0.0"})
    layout.file("index.json", {"schemaVersion": 2, "manifests": [described]})
    print(described["digest"])


if __name__ == "__main__":
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    main(*sys.argv[1:])

"""Small packages for tests, and a shell whose clients hand them out."""

import io
import tarfile

FONT = b"wOF2" + b"outlines" * 10


def tar_bytes(files, mode):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("./usr/share/fonts/other/Book.ttf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hosts"
        archive.addfile(link)
    return buffer.getvalue()


def deb_bytes(files):
    """An ar archive as deb(5) has it; a member of odd length is padded."""
    members = {"debian-binary": b"2.0\n", "control.tar.gz": b"odd"}
    members["control.tar.gz"] = (
        tar_bytes({"./control": b"Package: x\n"}, "w:gz") + b"\0"
    )
    members["data.tar.xz"] = tar_bytes(files, "w:xz")
    out = b"!<arch>\n"
    for name, data in members.items():
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
        out += data + b"\n" * (len(data) % 2)
    return out


TGZ = tar_bytes({"package/files/pen-400.woff2": FONT, "package/x.css": b""}, "w:gz")
DEB = deb_bytes({"./usr/share/fonts/Book.ttf": FONT, "./usr/share/doc/x": b""})


def make_shell(tmp_path, monkeypatch):
    """A PATH with npm and apt-get of our own: name -> script of the shell."""
    tools = tmp_path / "bin"
    tools.mkdir()
    (tmp_path / "pen.tgz").write_bytes(TGZ)
    (tmp_path / "book.deb").write_bytes(DEB)

    def install(name, script):
        path = tools / name
        path.write_text(f"#!/bin/sh\necho {name} $@ >> {tmp_path}/calls\n{script}\n")
        path.chmod(0o755)

    install("npm", f"/bin/cp {tmp_path}/pen.tgz f-pen-1.0.tgz")
    install("apt-get", f"/bin/cp {tmp_path}/book.deb fonts-book_1_all.deb")
    monkeypatch.setenv("PATH", str(tools))
    install.tools, install.calls = tools, tmp_path / "calls"
    return install

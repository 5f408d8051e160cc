"""Completions in the shells themselves, where they are installed."""
import os
import pty
import select
import shutil
import subprocess
import time
import unittest

from harness import BINARY, Folder


def script(shell):
    return subprocess.run([BINARY, "completions", shell], capture_output=True, text=True, check=True).stdout


class Zsh:
    """An interactive shell without the user's settings, the completions in its path as `make install` puts them."""

    def __init__(self, folder):
        with open(folder + "/_trailwarden", "w") as file:
            file.write(script("zsh"))
        child, self.terminal = pty.fork()
        if child == 0:
            os.environ.update(TERM="xterm", HOME=folder, PATH=os.environ["PATH"] + ":" + os.path.dirname(BINARY))
            os.execvp("zsh", ["zsh", "-f", "-i"])
        self.type(f"PS1='READY> '; fpath=({folder} $fpath); autoload -U compinit; compinit -u -D; print LOADED\n")
        self.until("LOADED\r\n")
        self.until("READY> ")

    def type(self, text):
        os.write(self.terminal, text.encode())

    def until(self, text):
        seen, end = "", time.monotonic() + 20
        while text not in seen:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                raise AssertionError(f"no {text!r} in {seen!r}")
            seen += os.read(self.terminal, 65536).decode(errors="replace")
        return seen

    def close(self):
        os.close(self.terminal)


class Completions(unittest.TestCase):
    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_of_zsh_work_at_the_first_press_of_the_key(self):
        for typed, completed in (("trailwarden sc\t", "scan"), ("trailwarden filter ch\t", "check"),
                                 ("trailwarden scan --benchmark 7\t", "7.0.0"), ("trailwarden verify --pub\t", "--public-keys"),
                                 ("trailwarden serve --source a --sou\t", "--source a --source"),
                                 ("trailwarden serve --listen 1 --cont\t", "--controls")):
            with self.subTest(typed), Folder() as folder:
                shell = Zsh(folder)
                shell.type(typed)
                shell.until(completed)
                shell.close()

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_of_fish_know_commands_options_and_choices(self):
        with Folder() as folder:
            with open(folder + "/c.fish", "w") as file:
                file.write(script("fish"))
            for typed, first in (("trailwarden ver", "verify"), ("trailwarden filter ch", "check"),
                                 ("trailwarden audit --format js", "json"), ("trailwarden serve --exc", "--exceptions")):
                done = subprocess.run(["fish", "--no-config", "-c", f"source {folder}/c.fish; complete -C '{typed}'"],
                                      capture_output=True, text=True, env={**os.environ, "HOME": folder})
                self.assertEqual(done.stdout.split("\t")[0], first, done.stderr)

    def test_of_bash_know_commands_options_and_choices(self):
        for words, expected in ((["trailwarden", "ver"], "verify"), (["trailwarden", "filter", "ch"], "check"),
                                (["trailwarden", "scan", "--benchmark", "7"], "7.0.0"), (["trailwarden", "verify", "--pub"], "--public-keys")):
            line = " ".join(f"'{word}'" for word in words)
            done = subprocess.run(["bash", "-c", f'{script("bash")}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _trailwarden; '
                                   'echo "${COMPREPLY[@]}"'], capture_output=True, text=True)
            self.assertEqual(done.stdout.strip(), expected, done.stderr)


if __name__ == "__main__":
    unittest.main()

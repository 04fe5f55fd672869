# SPDX-License-Identifier: GPL-2.0-or-later
# A tree, and one that begins as it (overlayBase) and is changed by a script: as an overlay, or as a builder does it that
# copies (plain). Both are named the same, so that only their contents differ.
{ change ? "echo two >>d/changed; rm d/gone", mark ? "0" }:
rec {
  sh = script: attrs: derivation ({ name = "tree"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-e" "-c" script ]; inherit mark; } // attrs);
  base = sh ''
    mkdir -p $out && cd $out && mkdir -p d e deep/er/still f empty
    for i in changed gone kept; do echo $i >d/$i; done
    echo e >e/e; echo p >plain; ln -s plain link; ln -s plain link2; ln -s nowhere d/dangling; echo x >run; chmod +x run
    echo z >deep/er/z; echo y >deep/er/still/y; echo f >f/f; echo "it's" >"d/a name, with : and \\"
  '' { };
  overlay = sh "test -f $out/plain || { echo no overlay >&2; exit 9; }; cd $out; ${change}" { overlayBase = base; };
  plain = sh "cp -r $base $out; chmod -R u+w $out; cd $out; ${change}" { inherit base; };
  either = sh "if test -d $out; then echo overlay >&2; else echo copied >&2; cp -r $overlayBase $out; chmod -R u+w $out; fi; cd $out; ${change}" { overlayBase = base; };
  # Bases that are none: the output is not there.
  fixed = sh "test ! -e $out; echo text >$out" { overlayBase = base; outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733"; };
  not-input = sh "test ! -e $out; echo text >$out" { overlayBase = builtins.unsafeDiscardStringContext "${base}"; };
  no-path = sh "test ! -e $out; echo text >$out" { overlayBase = "../../etc"; };
  a-file = sh "test ! -e $out; echo text >$out" { overlayBase = builtins.toFile "file" "x"; };
}

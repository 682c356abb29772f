# Ladders of stage0-posix, for Nix: nix-build FILE --arg tree DIR -A ARCH
# Made by: stage0 graph --format nix

{ tree
, stage0 # the program, for what the tree lacks
}:
let
  out = builtins.placeholder "out";

  run = system: name: builder: args: vars: derivation (vars // { inherit system name builder args; });

  # Nix itself computes the digests.
  checked = made: { path, sha256 }:
    let have = builtins.hashFile "sha256" made.${path}; in
    if have == sha256 then made.${path} else throw "${path}: SHA-256 is ${have}, expected ${sha256}";

  # Of the tree only what is read: another file changes no derivation.
  source = builtins.path {
    name = "source";
    path = tree;
    filter = path: type: builtins.hasAttr (builtins.substring (1 + builtins.stringLength (toString tree)) (-1) path) read;
  };

  read = {
    "a\"b\\c" = true;
    "bootstrap-seeds" = true;
    "bootstrap-seeds/POSIX" = true;
    "bootstrap-seeds/POSIX/x86" = true;
    "bootstrap-seeds/POSIX/x86/hex0-seed" = true;
    "extra" = true;
    "extra/a.c" = true;
    "extra/b.c" = true;
    "extra/extra" = true;
    "lib c" = true;
    "lib c/$z.h" = true;
    "lib c/x:y.h" = true;
    "x86" = true;
    "x86/a.M1" = true;
    "x86/b.M1" = true;
    "x86/c.M1" = true;
    "x86/d.M1" = true;
    "x86/deep" = true;
    "x86/deep/e" = true;
    "x86/deep/e/1" = true;
    "x86/deep/e/2" = true;
    "x86/deep/e/3" = true;
    "x86/deep/e/4" = true;
    "x86/deep/e/5" = true;
    "x86/e.M1" = true;
    "x86/f.M1" = true;
    "x86/hex0.hex0" = true;
    "x86/m.hex0" = true;
  };

  made.x86 = let made' = made.x86; in {
    # left out, writes nothing: x86/all.kaem:6: ./x86/bin/sha256sum -c 'it'\''s' 'two?lines'

    # x86/all.kaem:1
    "x86/artifact/hex0" = run "i686-linux" "hex0" "${source}/bootstrap-seeds/POSIX/x86/hex0-seed" [
      "${source}/x86/hex0.hex0"
      out
    ] { };

    # x86/all.kaem:2
    "x86/bin/M2-Mesoplanet" = run "i686-linux" "M2-Mesoplanet" made'."x86/artifact/hex0" [
      "${source}/x86/m.hex0"
      out
    ] { };

    # x86/all.kaem:3
    "x86/bin/hex2" = run builtins.currentSystem "hex2" "${stage0}" [
      "tool"
      "M1"
      "-f"
      "${source}/x86/a.M1"
      "-f"
      "${source}/x86/b.M1"
      "-f"
      "${source}/x86/c.M1"
      "-f"
      "${source}/x86/d.M1"
      "-f"
      "${source}/x86/e.M1"
      "-f"
      "${source}/x86/f.M1"
      "-o"
      out
    ] { };

    # x86/all.kaem:4
    "x86/artifact/0.tmp of x86/all.kaem:4" = run "i686-linux" "0.tmp" made'."x86/bin/M2-Mesoplanet" [
      "-f"
      "${source}/extra/a.c"
      "-o"
      out
      "-E"
    ] { "M2LIBC_PATH" = "${source}/lib c"; };

    # x86/all.kaem:4
    "x86/bin/a" = run "i686-linux" "a" made'."x86/bin/hex2" [
      "-f"
      made'."x86/artifact/0.tmp of x86/all.kaem:4"
      "-o"
      out
    ] { };

    # x86/all.kaem:5
    "x86/artifact/0.tmp of x86/all.kaem:5" = run "i686-linux" "0.tmp" made'."x86/bin/M2-Mesoplanet" [
      "-f"
      "${source}/extra/b.c"
      "-o"
      out
      "-E"
    ] { "M2LIBC_PATH" = "${source}/lib c"; };

    # x86/all.kaem:5
    "x86/bin/b" = run "i686-linux" "b" made'."x86/bin/hex2" [
      "-f"
      made'."x86/artifact/0.tmp of x86/all.kaem:5"
      "${source}/extra/extra"
      "-o"
      out
      "${source}/extra/b.c"
    ] { };

    # x86/all.kaem:7
    "x86/deep/.dir/.$hidden" = run "i686-linux" "_hidden" made'."x86/bin/hex2" [
      "${source}/x86/deep/e/1"
      "${source}/x86/deep/e/2"
      "${source}/x86/deep/e/3"
      "${source}/x86/deep/e/4"
      "${source}/x86/deep/e/5"
      "-o"
      out
    ] { };

    # x86/all.kaem:8
    "x86/nothing" = run builtins.currentSystem "nothing" "${stage0}" [
      "tool"
      "catm"
      out
      "\${x}"
    ] { };

    # x86/all.kaem:9
    "unread.tmp" = run "i686-linux" "unread.tmp" "${source}/bootstrap-seeds/POSIX/x86/hex0-seed" [
      "${source}/a\"b\\c"
      out
    ] { };

    # x86/all.kaem:10
    "x86/again" = run "i686-linux" "again" "${source}/bootstrap-seeds/POSIX/x86/hex0-seed" [
      "${source}/a\"b\\c"
      out
    ] { };
  };

  digests.x86 = [
    { path = "x86/artifact/hex0"; sha256 = "6046a67243572000c072bc25c887c3fccf1556dbd54731e36ae73348381ff5b0"; }
    { path = "x86/bin/M2-Mesoplanet"; sha256 = "fc9e0062ae3ec08ddbe5455355b814d4272ab7a72ec9a1d80b1ccb295c9897ed"; }
    { path = "x86/bin/hex2"; sha256 = "8e5d2c2cb0d7de0d7e3a2cb54db5e04bb240fcad80b529abb7183012d3f75f93"; }
    { path = "x86/bin/a"; sha256 = "e785dfe113f55a4d5008b6364d5beb7570e94b9c0181af2f55f6f9582fea726d"; }
    { path = "x86/bin/b"; sha256 = "91744114c121e43c5bd1fae4aa4c13877201740ebb50aecad496baba6883db6a"; }
    { path = "x86/deep/.dir/.$hidden"; sha256 = "1a6ae37c8a19bb0a6aeeb4e049b2177396769dcacc74a04c565028694b579825"; }
    { path = "x86/nothing"; sha256 = "de4e3d21225de65d5a536c6a99caf860345049a5a7eca18fd64dad68b38e370e"; }
    { path = "x86/again"; sha256 = "3febcf59f67175c0e82e01c2f799126187cc035ff5c4e1ba0316f7fa798a3f7d"; }
  ];
in
{
  inherit made;
  x86 = map (checked made.x86) digests.x86;
}

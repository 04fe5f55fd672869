# SPDX-License-Identifier: GPL-2.0-or-later
# What fetchers share: the environment that reaches them for proxies, and one form for the hash arguments.
{ lib }:

let
  fakes = {
    hash = lib.fakeHash;
    sha256 = lib.fakeSha256;
    sha512 = lib.fakeSha512;
  };
in
rec {
  proxyImpureEnvVars = [
    "http_proxy"
    "https_proxy"
    "ftp_proxy"
    "all_proxy"
    "no_proxy"
    "HTTP_PROXY"
    "HTTPS_PROXY"
    "FTP_PROXY"
    "ALL_PROXY"
    "NO_PROXY"
    "NIX_SSL_CERT_FILE"
  ];

  # One of hash, outputHash (with outputHashAlgo), sha256, ... becomes outputHash and outputHashAlgo. An empty hash
  # stands for a fake one, whose mismatch tells the right one.
  normalizeHash =
    {
      hashTypes ? [ "sha256" ],
      required ? true,
    }:
    args:
    let
      names = [
        "hash"
        "outputHash"
      ]
      ++ hashTypes;
      given = builtins.filter (name: args.${name} or null != null) names;
      name = builtins.head given;
      algo = if name == "outputHash" then args.outputHashAlgo or null else if name == "hash" then null else name;
      value = args.${name};
      fake = fakes.${if algo == null then "hash" else algo} or lib.fakeHash;
    in
    if given == [ ] then
      if required then
        throw "fetcher called without `hash`"
      else
        removeAttrs args names
    else if builtins.length given > 1 then
      throw "multiple hashes passed: ${lib.concatStringsSep ", " given}"
    else
      removeAttrs args names
      // {
        outputHash = if value == "" then fake else value;
        outputHashAlgo = algo;
      };

  # A fetcher that wants outputHash and outputHashAlgo, made to accept what normalizeHash does.
  withNormalizedHash =
    {
      hashTypes ? [ "sha256" ],
    }@options:
    fetcher:
    let
      wanted = lib.functionArgs fetcher;
      extra = lib.genAttrs (hashTypes ++ [ "hash" ]) (_: true) // {
        outputHash = true;
        outputHashAlgo = true;
      };
    in
    if !(wanted ? outputHash && wanted ? outputHashAlgo) then
      throw "withNormalizedHash: the fetcher must take outputHash and outputHashAlgo as arguments"
    else
      lib.setFunctionArgs (args: fetcher (normalizeHash options args)) (wanted // extra);
}

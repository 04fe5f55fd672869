# SPDX-License-Identifier: GPL-2.0-or-later
# Licences that the SPDX list lacks, and kinds of licences: [ full name, URL ].
{
  free = {
    acsl14 = [ "Anti-Capitalist Software License v1.4" "https://anticapitalist.software" ];
    amd = [ "AMD License Agreement" ];
    aom = [ "Alliance for Open Media Patent License 1.0" "https://aomedia.org/license/patent-license/" ];
    apple-psl10 = [ "Apple Public Source License 1.0" ];
    apple-psl20 = [ "Apple Public Source License 2.0" ];
    bsdAxisNoDisclaimerUnmodified = [ "BSD-Axis without Warranty Disclaimer with Unmodified requirement" ];
    eapl = [ "EPSON AVASYS PUBLIC LICENSE" ];
    enpl = [ "Enonic license" ];
    ffsl = [ "Floodgap Free Software License" "https://www.floodgap.com/software/ffsl/license.html" ];
    free = [ "Unspecified free software license" ];
    g4sl = [ "Geant4 Software License" "https://geant4.web.cern.ch/download/license" ];
    generaluser = [ "GeneralUser GS License v2.0" ];
    gfl = [ "GUST Font License" "http://www.gust.org.pl/fonts/licenses/GUST-FONT-LICENSE.txt" ];
    gfsl = [ "GUST Font Source License" "http://www.gust.org.pl/fonts/licenses/GUST-FONT-SOURCE-LICENSE.txt" ];
    hpndDifferentDisclaimer = [ "HPND with different disclaimer" ];
    llgpl21 = [ "Lisp LGPL; GNU Lesser General Public License version 2.1 with Franz Inc. preamble" ];
    publicDomain = [ "Public Domain" ];
    sfl = [ "SUNET Free License" ];
    stk = [ "Synthesis Tool Kit 4.3" ];
    sudo = [ "Sudo License (ISC-style)" "https://www.sudo.ws/about/license/" ];
    ucd = [ "Unicode Character Database License" ];
    wadalab = [ "Wadalab Font License" ];
    x11BsdClause = [ "MIT/X11 with BSD clause" ];
  };

  unfree = {
    activision = [ "Activision EULA" ];
    cockroachdb-community-license = [ "CockroachDB Community License Agreement" ];
    commons-clause = [ "Commons Clause License" "https://commonsclause.com/" ];
    databricks = [ "Databricks Proprietary License" ];
    databricks-dbx = [ "DataBricks eXtensions aka dbx License" ];
    databricks-license = [ "Databricks License" ];
    epson = [ "Seiko Epson Corporation Software License Agreement for Linux" ];
    fairsource09 = [ "Fair Source License, version 0.9" "https://fair.io/v0.9.txt" ];
    geogebra = [ "GeoGebra Non-Commercial License Agreement" "https://www.geogebra.org/license" ];
    hl3 = [ "Hippocratic License v3.0" "https://firstdonoharm.dev/version/3/0/core.txt" ];
    inria-compcert = [ "INRIA Non-Commercial License Agreement for the CompCert verified compiler" ];
    inria-icesl = [ "End User License Agreement for IceSL Software" ];
    inria-zelus = [ "INRIA Non-Commercial License Agreement for the Zélus compiler" ];
    intel-eula = [ "Intel End User License Agreement" ];
    lens = [ "Lens Terms of Service" ];
    netboxLimitedUse = [ "NetBox Limited Use License" ];
    nvidiaCuda = [ "CUDA Toolkit End User License Agreement" "https://docs.nvidia.com/cuda/eula/" ];
    obsidian = [ "Obsidian End User Agreement" ];
    postman = [ "Postman EULA" ];
    prosperity30 = [ "Prosperity-3.0.0" "https://prosperitylicense.com/versions/3.0.0.html" ];
    teamspeak = [ "TeamSpeak client license" ];
    tsl = [ "Timescale License Agreement" ];
    unfree = [ "Unfree" ];
    virtualbox-puel = [ "Oracle VM VirtualBox Extension Pack Personal Use and Evaluation License (PUEL)" ];
    vol-sl = [ "Volatility Software License, Version 1.0" ];
  };

  # Not free, and yet may be passed on.
  redistributable = {
    amazonsl = [ "Amazon Software License" "https://aws.amazon.com/asl/" ];
    issl = [ "Intel Simplified Software License" ];
    nvidiaCudaRedist = [ "CUDA Toolkit End User License Agreement" "https://docs.nvidia.com/cuda/eula/" ];
    ocamlpro_nc = [ "OCamlPro Non Commercial license version 1" ];
    unfreeRedistributable = [ "Unfree redistributable" ];
    unfreeRedistributableFirmware = [ "Unfree redistributable firmware" ];
  };
}

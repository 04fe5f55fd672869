# SPDX-License-Identifier: GPL-2.0-or-later
# People that package descriptions name. Nobody needs to be in here: it holds those that examples people copy name,
# so that such an example evaluates.
{ lib }:

builtins.mapAttrs
  (github: name: { inherit github name; })
  {
    adisbladis = "adisbladis";
    alyssais = "Alyssa Ross";
    dezgeg = "Tuomas Tynkkynen";
    edolstra = "Eelco Dolstra";
    eelco = "Eelco Dolstra";
    fpletz = "Franz Pletz";
    infinisil = "Silvan Mosberger";
    K900 = "Ilya K.";
    lassulus = "Lassulus";
    lheckemann = "Linus Heckemann";
    ma27 = "Maximilian Bosch";
    makefu = "Felix Richter";
    mic92 = "Jörg Thalheim";
    qyliss = "Alyssa Ross";
    roberth = "Robert Hensing";
    thoughtpolice = "Austin Seipp";
  }

# SPDX-License-Identifier: GPL-2.0-or-later
# Units and files that read options and packages of modules that are elsewhere: left out, with what is missing.
# kind: configuration
# says: systemd.services.backup is left out: config.age.secrets.backup.path is given by a module that is not part of kernix.
# says: systemd.services.mail is left out: config.sops.secrets."mail/key".path is given by a module that is not part of kernix.
# says: systemd.services.web is left out: the package of nginx is the distribution's.
# says: environment.etc."key" is left out
{ config, pkgs, ... }: {
  age.secrets.backup.file = ./backup.age;
  sops = { defaultSopsFile = ./secrets.yaml; secrets."mail/key".owner = "mail"; };
  services.nginx.enable = true;
  systemd.services.backup = { wantedBy = [ "timers.target" ]; script = "restic --password-file ${config.age.secrets.backup.path} backup /home"; };
  systemd.services.mail = { serviceConfig = { ExecStart = "/usr/bin/mailer"; EnvironmentFile = config.sops.secrets."mail/key".path; }; };
  systemd.services.web.serviceConfig.ExecStart = "${config.services.nginx.package}/bin/nginx -t";
  environment.etc."key".source = config.age.secrets.backup.path;
}

# Has the process that has loaded cloud-init run a stage (server.py). Where there is none, cloud-init runs as ever.
# This is Perl because Debian's perl-base is always there and starts at once, as Python does not.
use strict;
use warnings;
use Socket;

my $server;
socket($server, AF_UNIX, SOCK_STREAM, 0) && connect($server, sockaddr_un('/run/kiln-cloud-init.sock'))
    or exec '/usr/bin/cloud-init', @ARGV;
syswrite $server, "@ARGV\n";
my $status = <$server>;
# A stage that was ended by a signal has a negative one.
exit(defined $status ? abs $status : 1);

"""A scratch PostgreSQL for a measurement: on loopback, without fsync, gone at the end."""
import atexit, glob, os, pwd, shutil, signal, socket, subprocess, sys, tempfile, time

# So that what is registered for the exit runs then, too.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


class Cluster:
    def __init__(self):
        binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.folder = tempfile.mkdtemp(prefix="gonogo-bench-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        prefix = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        subprocess.run(prefix + [f"{binaries}/initdb", "-D", f"{self.folder}/data", "-U", "postgres", "--auth=trust",
                                 "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"], check=True, cwd="/", stdout=subprocess.DEVNULL)
        options = ["listen_addresses=127.0.0.1", f"port={self.port}", f"unix_socket_directories={self.folder}", "fsync=off",
                   "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "jit=off", "max_locks_per_transaction=1024",
                   "log_min_messages=fatal"]
        self.server = subprocess.Popen(prefix + [f"{binaries}/postgres", "-D", f"{self.folder}/data"]
                                       + [word for option in options for word in ("-c", option)], cwd="/",
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.stop)
        for _ in range(200):
            if subprocess.run([f"{binaries}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode == 0:
                break
            time.sleep(0.05)

    def url(self, database):
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def psql(self, database, sql, *options):
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, self.url(database)], input=sql, text=True,
                              capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout

    def processor(self):
        """Seconds of processor time of the sessions that have ended (proc(5): cutime, cstime of the postmaster)."""
        time.sleep(0.1)
        fields = open(f"/proc/{self.server.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

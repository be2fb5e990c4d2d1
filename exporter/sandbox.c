/* SPDX-License-Identifier: MIT */

/*
 * The sandbox: no_new_privs and seccomp, of Linux.
 *
 * A call that is not listed fails with ENOSYS, as on a kernel that does not
 * have it: a C library of tomorrow that tries a new call takes the old one
 * then, where another error would be believed and a kill would end a scraper
 * for an update.  The kernel logs it.  Only what no library does on its own,
 * to become another program or to reach into one, ends the process.
 *
 * A filter sees numbers, not what a pointer points to: clone3 and openat2 are
 * not listed for that, and libraries take clone and openat instead.
 */

#include "sandbox.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif
#ifdef HAVE_SECCOMP
#include <linux/sched.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <seccomp.h>
#include <unistd.h>
#endif

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "log.h"

/* NULL if calls are filtered, else why not and how much that matters. */
static const char *filter_calls(enum log_level *);

void
sandbox_enter(bool filter)
{
	enum log_level level = LEVEL_INFO;
	const char *why = "--disable-sandbox";

#ifdef __linux__
	/* If it is refused, so is the filter, which needs it. */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
	if (filter)
		why = filter_calls(&level);
	if (why == NULL)
		log_line(level, "sandbox", "system_calls", "filtered", NULL);
	else
		log_line(level, "sandbox", "system_calls", "free", "why", why,
		    NULL);
}

#ifdef HAVE_SECCOMP

/* Those of other architectures, and of other C libraries, are among them;
 * libseccomp leaves out what this one does not have. */
static const int allowed[] = {
	/* Memory; what maps it is below. */
	SCMP_SYS(brk), SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(munmap),

	/* Threads, signals, the end. */
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(futex),
	SCMP_SYS(futex_time64), SCMP_SYS(getegid), SCMP_SYS(getegid32),
	SCMP_SYS(geteuid), SCMP_SYS(geteuid32), SCMP_SYS(getgid),
	SCMP_SYS(getgid32), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(getuid), SCMP_SYS(getuid32), SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list), SCMP_SYS(set_tid_address),
	SCMP_SYS(sigreturn),

	/* Time, chance, and what the process takes. */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_gettime64),
	SCMP_SYS(getrandom), SCMP_SYS(getrlimit), SCMP_SYS(getrusage),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(ugetrlimit),

	/* The loop. */
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2),
	SCMP_SYS(epoll_wait), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_settime64),

	/* Files; what opens them is below. */
	SCMP_SYS(_llseek), SCMP_SYS(access), SCMP_SYS(close),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(fcntl),
	SCMP_SYS(fcntl64), SCMP_SYS(fstat), SCMP_SYS(fstat64),
	SCMP_SYS(fstatat64), SCMP_SYS(getdents64), SCMP_SYS(lseek),
	SCMP_SYS(newfstatat), SCMP_SYS(read), SCMP_SYS(readv),
	SCMP_SYS(stat), SCMP_SYS(stat64), SCMP_SYS(statx), SCMP_SYS(write),
	SCMP_SYS(writev),

	/* Connections; what makes sockets is below. */
	SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(bind),
	SCMP_SYS(connect), SCMP_SYS(getpeername), SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt), SCMP_SYS(recv), SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg), SCMP_SYS(send), SCMP_SYS(sendmsg),
	SCMP_SYS(sendto), SCMP_SYS(setsockopt), SCMP_SYS(shutdown),
};

static const int fatal[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(ptrace), SCMP_SYS(vfork),
};

#define IS(n, value)		{ n, SCMP_CMP_EQ, value, 0 }
#define MASKED(n, mask, value)	{ n, SCMP_CMP_MASKED_EQ, mask, value }

/* Files are only read. */
#define WRITING	(O_ACCMODE | O_CREAT | O_TRUNC)
#ifndef __NR_socketcall
/* Of a socket's type; the rest are flags. */
#define TYPE	0xf
#endif
/* Which of clone's arguments are its flags; clone(2). */
#ifdef __s390__
#define FLAGS	1
#else
#define FLAGS	0
#endif

/* What is allowed, or fatal, with some arguments alone. */
static const struct {
	uint32_t		action;
	int			call;
	struct scmp_arg_cmp	when[2];
	unsigned		count;
} checked[] = {
	/* No memory becomes code.  Where mmap has its arguments in memory it
	 * cannot be checked; i386 has mmap2 besides. */
#if defined(__s390__)
	{ SCMP_ACT_ALLOW, SCMP_SYS(mmap), { IS(0, 0) }, 0 },
#elif !defined(__i386__)
	{ SCMP_ACT_ALLOW, SCMP_SYS(mmap), { MASKED(2, PROT_EXEC, 0) }, 1 },
#endif
	{ SCMP_ACT_ALLOW, SCMP_SYS(mmap2), { MASKED(2, PROT_EXEC, 0) }, 1 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(mprotect), { MASKED(2, PROT_EXEC, 0) }, 1 },

	{ SCMP_ACT_ALLOW, SCMP_SYS(open), { MASKED(1, WRITING, 0) }, 1 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(openat), { MASKED(2, WRITING, 0) }, 1 },

#ifdef __NR_socketcall
	/* Its arguments are in memory as well. */
	{ SCMP_ACT_ALLOW, SCMP_SYS(socket), { IS(0, 0) }, 0 },
#else
	{ SCMP_ACT_ALLOW, SCMP_SYS(socket),
	    { IS(0, AF_INET), MASKED(1, TYPE, SOCK_STREAM) }, 2 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(socket),
	    { IS(0, AF_INET), MASKED(1, TYPE, SOCK_DGRAM) }, 2 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(socket),
	    { IS(0, AF_INET6), MASKED(1, TYPE, SOCK_STREAM) }, 2 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(socket),
	    { IS(0, AF_INET6), MASKED(1, TYPE, SOCK_DGRAM) }, 2 },
	/* if_nametoindex(), of a target such as [fe80::1%eth0], asks one.
	 * getaddrinfo(), by which evhttp reads a module's source_address,
	 * would ask AF_NETLINK, and does without what could do so much. */
	{ SCMP_ACT_ALLOW, SCMP_SYS(socket),
	    { IS(0, AF_UNIX), MASKED(1, TYPE, SOCK_DGRAM) }, 2 },
#endif
	{ SCMP_ACT_ALLOW, SCMP_SYS(ioctl), { IS(1, SIOCGIFINDEX) }, 1 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(ioctl), { IS(1, SIOCGIFNAME) }, 1 },
	{ SCMP_ACT_ALLOW, SCMP_SYS(ioctl), { IS(1, FIONREAD) }, 1 },

	/* A limit is asked for, not set. */
	{ SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), { IS(2, 0) }, 1 },

	/* Threads are started, processes are not. */
	{ SCMP_ACT_ALLOW, SCMP_SYS(clone),
	    { MASKED(FLAGS, CLONE_THREAD, CLONE_THREAD) }, 1 },
	{ SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone),
	    { MASKED(FLAGS, CLONE_THREAD, 0) }, 1 },
};

static int
add_rules(scmp_filter_ctx filter)
{
	struct scmp_arg_cmp own = IS(0, (scmp_datum_t)getpid());
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
		    allowed[i], 0, NULL);
	for (i = 0; error == 0 && i < sizeof(fatal) / sizeof(fatal[0]); i++)
		error = seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS,
		    fatal[i], 0, NULL);
	for (i = 0; error == 0 && i < sizeof(checked) / sizeof(checked[0]); i++)
		error = seccomp_rule_add_array(filter, checked[i].action,
		    checked[i].call, checked[i].count, checked[i].when);
	/* abort() is to end it as what it is. */
	if (error == 0)
		error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW,
		    SCMP_SYS(tgkill), 1, &own);
	return error;
}

static const char *
filter_calls(enum log_level *level)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int error = -ENOMEM;

	if (filter != NULL) {
		/* Kernels before 4.14 cannot log. */
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
		error = add_rules(filter);
		if (error == 0)
			error = seccomp_load(filter);
		seccomp_release(filter);
	}
	if (error == 0)
		return NULL;
	*level = LEVEL_WARN;
	return strerror(-error);
}

#else

static const char *
filter_calls(enum log_level *level)
{
	(void)level;
	return "built without libseccomp";
}

#endif

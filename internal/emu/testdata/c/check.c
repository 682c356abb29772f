// Shared by the programs in this directory, which check their own results and print
// the number of checks.

int putchar(int c);
void exit(int status);

int checks;

void print(int n)
{
	if(n > 9) print(n / 10);
	putchar('0' + n % 10);
}

void check(int got, int want)
{
	checks = checks + 1;
	if(got == want) return;
	putchar('!');
	print(checks);
	putchar(10);
	exit(1);
}

void done()
{
	print(checks);
	putchar(10);
	exit(0);
}

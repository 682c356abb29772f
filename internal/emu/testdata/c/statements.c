// Every statement.

int sum_for(int n)
{
	int i;
	int sum = 0;
	for(i = 0; i < n; i = i + 1)
	{
		if(i == 3) continue;
		if(i == 7) break;
		sum = sum + i;
	}
	return sum;
}

int sum_while(int n)
{
	int sum = 0;
	while(n > 0)
	{
		n = n - 1;
		if(n == 2) continue;
		int twice = n * 2;
		sum = sum + twice;
		if(sum > 50) break;
	}
	return sum;
}

int sum_do(int n)
{
	int sum = 0;
	do
	{
		sum = sum + n;
		n = n - 1;
	} while(n > 0);
	return sum;
}

int choose(int n)
{
	int hit = 0;
	switch(n)
	{
		case 0:
			hit = 100;
			break;
		case 1:
		case 'a':
			hit = 200;
		case 5:
			hit = hit + 1;
			break;
		default:
			hit = 300;
	}
	return hit;
}

int jump(int n)
{
again:
	n = n + 3;
	if(n < 10) goto again;
	return n;
}

int fibonacci(int n)
{
	if(n < 2) return n;
	return fibonacci(n - 1) + fibonacci(n - 2);
}

int kept()
{
	static int times = 5;
	times = times + 1;
	return times;
}

int six(int a, int b, int c, int d, int e, int f) { return ((((a * 10 + b) * 10 + c) * 10 + d) * 10 + e) * 10 + f; }

int main()
{
	check(sum_for(5), 7);
	check(sum_for(100), 18);
	check(sum_while(4), 8);
	check(sum_while(100), 198);
	check(sum_do(4), 10);
	check(sum_do(0), 0);
	check(choose(0), 100);
	check(choose(1), 201);
	check(choose('a'), 201);
	check(choose(5), 1);
	check(choose(6), 300);
	check(jump(0), 12);
	check(jump(20), 23);
	check(fibonacci(12), 144);
	check(kept(), 6);
	check(kept(), 7);
	check(six(1, 2, 3, 4, 5, 6), 123456);
	int a = 1;
	{
		int a = 2;
		{ int a = 3; check(a, 3); }
		check(a, 2);
	}
	check(a, 1);
	if(a) if(a == 2) a = 5; else a = 6; else a = 7;
	check(a, 6);
	int n = 0;
	for(int i = 0; i < 3; i = i + 1) for(int j = 0; j < 4; j = j + 1) n = n + 1;
	check(n, 12);
	done();
}

// Every operator.

int zero() { return 0; }
int twelve() { return 12; }
int minus(int n) { return -n; }
int add(int a, int b) { return a + b; }

int main()
{
	int a = 12;
	int b = 5;
	int c = -7;
	int* p;
	unsigned u = 7;
	check(a + b, 17);
	check(a - b, 7);
	check(b - a, -7);
	check(a * b, 60);
	check(a * c, -84);
	check(a / b, 2);
	check(c / 2, -3);
	check(a % b, 2);
	check(u / 2, 3);
	check(u % 4, 3);
	check(a << 3, 96);
	check(a >> 2, 3);
	check(c >> 1, -4);
	check(u >> 1, 3);
	check(a & b, 4);
	check(a | b, 13);
	check(a ^ b, 9);
	check(~a, -13);
	check(!a, 0);
	check(!zero(), 1);
	check(-a, -12);
	check(minus(c), 7);
	check(a < b, 0);
	check(b < a, 1);
	check(c < b, 1);
	check(a <= 12, 1);
	check(a > b, 1);
	check(c > b, 0);
	check(c >= -7, 1);
	check(a == 12, 1);
	check(a != 12, 0);
	check((a > 1) && (b > 1), 1);
	check((a > 1) && (b < 1), 0);
	check((a < 1) || (b > 1), 1);
	check((a < 1) || (b < 1), 0);
	check((a + b) * (a - b), 119);
	check(add(add(1, 2), add(3, add(4, 5))), 15);
	check(add(a * 2, twelve()) + twelve(), 48);
	p = &a;
	*p = 20;
	check(a, 20);
	check(*p + 1, 21);
	a += 5;
	check(a, 25);
	a -= 1;
	check(a, 24);
	a *= 2;
	check(a, 48);
	a /= 5;
	check(a, 9);
	a %= 5;
	check(a, 4);
	a <<= 4;
	check(a, 64);
	a >>= 1;
	check(a, 32);
	a |= 3;
	check(a, 35);
	a &= 6;
	check(a, 2);
	a ^= 7;
	check(a, 5);
	b = a++;
	check(b, 5);
	check(a, 6);
	b = ++a;
	check(b, 7);
	b = a--;
	check(b, 7);
	b = --a;
	check(b, 5);
	check(sizeof(char), 1);
	check(sizeof(int), sizeof(unsigned));
	check('\n', 10);
	check('\x41', 65);
	check(0x7F, 127);
	check(010, 8);
	done();
}

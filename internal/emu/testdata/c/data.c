// Types, initial values, strings, pointers to functions, and the preprocessor.

#define FOUR 4
#define TWICE(x) ((x) + (x))
#if FOUR > 3
#define BRANCH 1
#elif FOUR
#define BRANCH 2
#else
#define BRANCH 3
#endif
#ifndef BRANCH
#error no branch was taken
#endif

typedef int number;

struct pair
{
	int first;
	char* name;
	struct pair* next;
	int last;
};

union both
{
	int whole;
	char low;
};

enum { NONE, ONE, FIVE = 5, SIX };

int answer = 42;
int table[3] = {1, 20, 300};
char* text = "text";
char letters[5] = {'h', 'e', 'l', 'l', 'o'};
number count;

int length(char* s)
{
	int n = 0;
	while(s[n] != 0) n = n + 1;
	return n;
}

int same(char* a, char* b)
{
	int i = 0;
	while(a[i] == b[i])
	{
		if(a[i] == 0) return 1;
		i = i + 1;
	}
	return 0;
}

int half(int n) { return n / 2; }
int square(int n) { return n * n; }

int apply(FUNCTION f, int n) { return f(n); }

int total(struct pair* p)
{
	int sum = 0;
	while(p != 0)
	{
		sum = sum + p->first;
		p = p->next;
	}
	return sum;
}

int main()
{
	check(answer, 42);
	check(table[0] + table[1] + table[2], 321);
	check(length(text), FOUR);
	check(same(text, "text"), 1);
	check(same("a" "b", "ab"), 1);
	check(same("a\tb\x21", "a\tb!"), 1);
	check(length("tab\\ quote\" end"), 15);
	check(letters[4], 'o');
	check(NONE + ONE + FIVE + SIX, 12);
	check(TWICE(3 + 1), 8);
	check(BRANCH, 1);
	count = 3;
	check(TWICE(count), 6);
	struct pair one;
	struct pair two;
	one.first = 30;
	one.name = "one";
	one.next = &two;
	two.first = 12;
	two.name = "two";
	two.next = 0;
	check(total(&one), 42);
	check(one.next->first, 12);
	check(same(one.next->name, "two"), 1);
	two.last = 7;
	check(two.last, 7);
	check(sizeof(struct pair) > 2 * sizeof(char*), 1);
	union both u;
	u.whole = 0x01020304;
	check(u.low, 4);
	union both* v = &u;
	v->low = 'x';
	check(v->whole, 0x01020378);
	int list[5];
	int i;
	for(i = 0; i < 5; i += 1) list[i] = i * i;
	check(list[4] - list[3], 7);
	int* p = &i;
	*p = 9;
	check(i, 9);
	check(apply(half, 20), 10);
	check(apply(square, 5), 25);
	char* s = "abc";
	s = s + 1;
	check(s[0], 'b');
	check(*s, 'b');
	done();
}

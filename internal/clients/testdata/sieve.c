// Counts primes, and returns how many there are below 100.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 100 };

char *names[] = { "two", "three", "five", "seven", 0 };

static int
count (char *sieve, int limit)
{
  int n = 0;
  for (int i = 2; i < limit; i++)
    {
      if (sieve[i])
        continue;
      n++;
      for (int j = i + i; j < limit; j += i)
        sieve[j] = 1;
    }
  return n;
}

int
main (int argc, char **argv)
{
  char *sieve = malloc (LIMIT);
  memset (sieve, 0, LIMIT);
  int n = count (sieve, LIMIT);
  char **p = names;
  while (*p)
    puts (*p++);
  printf ("%d primes below %d\n", n, LIMIT);
  free (sieve);
  return n;
}

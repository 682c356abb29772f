// Sorts words with a tree, and calls through pointers to functions.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node
{
  char *word;
  int times;
  struct node *left;
  struct node *right;
};

char *text[] = { "hex", "kaem", "mes", "hex", "catm", "mes", "hex", 0 };

struct node *
insert (struct node *tree, char *word)
{
  if (!tree)
    {
      tree = malloc (sizeof (struct node));
      memset (tree, 0, sizeof (struct node));
      tree->word = word;
    }
  int order = strcmp (word, tree->word);
  if (order < 0)
    tree->left = insert (tree->left, word);
  else if (order > 0)
    tree->right = insert (tree->right, word);
  else
    tree->times++;
  return tree;
}

int
show (struct node *n)
{
  printf ("%s %d\n", n->word, n->times);
  return n->times;
}

int
more_than_once (struct node *n)
{
  switch (n->times)
    {
    case 0:
    case 1:
      return 0;
    default:
      return 1;
    }
}

int
walk (struct node *tree, int (*visit) (struct node *))
{
  if (!tree)
    return 0;
  int sum = walk (tree->left, visit);
  sum += visit (tree);
  return sum + walk (tree->right, visit);
}

int
main (int argc, char **argv)
{
  struct node *tree = 0;
  int i = 0;
  do
    tree = insert (tree, text[i]);
  while (text[++i]);
  int all = walk (tree, show);
  int repeated = walk (tree, more_than_once);
  return all == i ? repeated : 1;
}
